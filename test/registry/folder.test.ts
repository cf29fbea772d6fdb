import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { locateRegistry, makeRegistry } from '../../src/registry/folder.ts';
import { runCaller } from '../support/callers.ts';
import { temporaryFolder } from '../support/fixtures.ts';

const isRoot = process.getuid?.() === 0;

function inFolder(): string {
	return join(temporaryFolder(), 'registry');
}

test('the registry is a private folder, and may be there already', () => {
	const folder = inFolder();
	makeRegistry(folder);
	makeRegistry(folder);
	expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('a registry that others can look into is refused', () => {
	const folder = inFolder();
	mkdirSync(folder);
	chmodSync(folder, 0o750);
	expect(() => makeRegistry(folder)).toThrow(
		`${folder} is open to other users: remove it, or set XDG_RUNTIME_DIR or TMPDIR to a folder of your own`,
	);
});

test('a link in the place of the registry is not followed', () => {
	const folder = inFolder();
	symlinkSync(temporaryFolder(), folder);
	expect(() => makeRegistry(folder)).toThrow('is no folder');
});

test.runIf(isRoot)('a registry that belongs to another user is refused', () => {
	const folder = inFolder();
	mkdirSync(folder, { mode: 0o700 });
	chownSync(folder, 65534, 65534);
	expect(() => makeRegistry(folder)).toThrow('belongs to the user 65534');
});

test('a start that cannot have a registry says so, and starts nothing', async () => {
	const temporary = temporaryFolder();
	symlinkSync(temporaryFolder(), join(temporary, `withdaemon-${process.getuid?.()}`));
	const options = JSON.stringify({ name: 'sleeper', startupCommand: 'sleep 1000' });
	const { output, code } = await runCaller('dies.mjs', ['waits', options], ['env', `TMPDIR=${temporary}`]);
	expect([code, JSON.parse(output).error]).toEqual([
		0,
		expect.stringMatching(/^StartupError: sleeper could not be started: .*\n.* is no folder/),
	]);
});

test('the registry is in XDG_RUNTIME_DIR, if that is our own', () => {
	onTestFinished(() => void vi.unstubAllEnvs());
	const [runtime, temporary] = [temporaryFolder(), temporaryFolder()];
	const name = `withdaemon-${process.getuid?.()}`;
	vi.stubEnv('TMPDIR', temporary);
	expect(locateRegistry()).toBe(join(temporary, name));
	vi.stubEnv('XDG_RUNTIME_DIR', runtime);
	expect(locateRegistry()).toBe(join(runtime, name));
	vi.stubEnv('XDG_RUNTIME_DIR', join(runtime, 'missing'));
	expect(locateRegistry()).toBe(join(temporary, name));
	if (isRoot) {
		chownSync(runtime, 65534, 65534);
		vi.stubEnv('XDG_RUNTIME_DIR', runtime);
		expect(locateRegistry()).toBe(join(temporary, name));
	}
});
