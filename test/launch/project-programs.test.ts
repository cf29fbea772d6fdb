import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test, vi } from 'vitest';
import { withDaemon } from '../../src/index.ts';
import { findProjectProgram } from '../../src/launch/project-programs.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';

/** A project with a folder in it, and a program that it has installed. */
function project() {
	const folder = temporaryFolder();
	const inner = join(folder, 'packages', 'api');
	const bin = join(folder, 'node_modules', '.bin');
	mkdirSync(inner, { recursive: true });
	mkdirSync(bin, { recursive: true });
	writeFileSync(join(bin, 'serve-it'), '#!/bin/sh\necho "ready $* $PORT $PWD"\nexec sleep 1000\n', { mode: 0o755 });
	writeFileSync(join(bin, 'notes'), 'not executable', { mode: 0o644 });
	return { folder, inner, bin };
}

test('a program of the project starts by its name, with numbers and a folder as a URL', async () => {
	const { folder, inner } = project();
	vi.spyOn(process, 'cwd').mockReturnValue(inner);
	onTestFinished(() => void vi.restoreAllMocks());
	const options = { startupCommand: ['serve-it', '--port', 8080], env: { PORT: 80 }, cwd: pathToFileURL(folder) };
	await withDaemon({ ...options, lookFor: 'ready' }, ({ name, log }) => {
		expect([name, ...log.lines()]).toEqual(['serve-it', `ready --port 8080 80 ${folder}`]);
	});
});

test('a file that is not a program, or that anybody could have put there, is not used', () => {
	const { inner, bin } = project();
	expect(findProjectProgram('serve-it', inner)).toBe(join(bin, 'serve-it'));
	expect(findProjectProgram('notes', inner)).toBeUndefined();
	expect(findProjectProgram('no-such-program', inner)).toBeUndefined();
	chmodSync(bin, 0o777);
	expect(findProjectProgram('serve-it', inner)).toBeUndefined();
});
