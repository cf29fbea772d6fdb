import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { project } from './support/projects.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const examples = join(root, 'examples');
const suites = readdirSync(examples).filter(name => statSync(join(examples, name)).isDirectory());
const documents = ['docs/groups.md', 'docs/javascript.md', 'docs/server.md', 'docs/sockets.md']
	.map(name => readFileSync(join(root, name), 'utf8'))
	.join('\n');

describe('the examples', () => {
	test('pass in the project of a user after a copy, and leave nothing there', { timeout: 240_000 }, () => {
		const folder = project({});
		for (const name of suites) cpSync(join(examples, name), join(folder, name), { recursive: true });
		const list = () => suites.flatMap(name => readdirSync(join(folder, name)));
		const before = list();
		const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
		const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
		const run = spawnSync(process.execPath, [vitest, 'run', '--test-timeout=60000', '--root', folder], {
			cwd: folder,
			encoding: 'utf8',
			env: { ...env, NO_COLOR: '1' },
		});
		expect(run.stdout + run.stderr).toContain(`Test Files  ${suites.length} passed (${suites.length})`);
		expect(run.status).toBe(0);
		expect(existsSync(join(folder, 'timestamp.pid'))).toBe(false);
		expect(list()).toEqual(before);
	});

	test('are what the documents show', () => {
		const files = suites.flatMap(name => readdirSync(join(examples, name)).map(file => join(examples, name, file)));
		const shown = (text: string) => text.replace(/\t/g, '  ').trim();
		const missing = files.filter(file => !shown(documents).includes(shown(readFileSync(file, 'utf8'))));
		expect(missing).toEqual([]);
		expect(files.length).toBe(9);
	});
});
