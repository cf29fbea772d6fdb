/** A vitest suite of 20 files, each with one daemon: by `useDaemon`, by hand, and without any daemon. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { now } from '../clock.mjs';
import { inRounds } from '../rounds.mjs';
import { makeTable } from '../table.mjs';

/**
 * @typedef {import('../bench.mjs').Bench} Bench
 * @typedef {import('../table.mjs').Table} Table
 */

export const name = 'vitest';
export const title = 'a vitest suite of 20 files with one daemon each';

const FILES = 20;
const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** @type {Record<string, (argv: string) => string>} */
const suites = {
	none: () => `
import { expect, test } from 'vitest';
test('has no daemon', () => expect(process.pid).toBeGreaterThan(0));
`,
	hand: argv => `
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
let child;
beforeAll(async () => {
	const [file, ...args] = ${argv};
	child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'] });
	await once(child.stdout, 'data');
});
afterAll(async () => {
	child.kill();
	await once(child, 'exit');
});
test('has a daemon', () => expect(child.pid).toBeGreaterThan(0));
`,
	useDaemon: argv => `
import { expect, test } from 'vitest';
import { useDaemon } from 'withdaemon/vitest';
const daemon = useDaemon({ startupCommand: ${argv}, lookFor: 'ready' });
test('has a daemon', () => expect(daemon.pid).toBeGreaterThan(0));
`,
};

/**
 * @param {Bench} bench
 * @returns {Promise<Table[]>}
 */
export async function run(bench) {
	const folder = join(bench.memory, 'suites');
	install(folder, bench.packageFolder);
	const argv = JSON.stringify([bench.native.fixture, '-', 'line', '0', '0']);
	for (const [suite, write] of Object.entries(suites)) {
		mkdirSync(join(folder, suite));
		for (let file = 0; file < FILES; file += 1) writeFileSync(join(folder, suite, `${file}.test.js`), write(argv));
	}
	const rows = [
		{ row: 'no daemon', suite: 'none', env: {} },
		{ row: 'by hand: spawn, stdout, exit', suite: 'hand', env: {} },
		{ row: 'useDaemon', suite: 'useDaemon', env: {} },
		{ row: 'useDaemon, no native layer', suite: 'useDaemon', env: { WITHDAEMON_FFI: 'off' } },
	];
	const cells = rows.map(({ row, suite, env }) => ({ row, measure: () => runSuite(bench, folder, suite, env) }));
	const measured = await inRounds(bench, cells, bench.rounds(5, 1));
	const about = `\`vitest run\` as a user starts it, ${FILES} files, from the first process to the last.`;
	return [makeTable({ title: 'A vitest suite', about }, measured, [{ title: 'all', figure: 'ms' }])];
}

/**
 * A project in which the library is installed, and not linked: vitest treats the two differently.
 * @param {string} folder
 * @param {string} packageFolder
 */
function install(folder, packageFolder) {
	const modules = join(folder, 'node_modules');
	const own = join(modules, 'withdaemon');
	mkdirSync(own, { recursive: true });
	copyFileSync(join(packageFolder, 'package.json'), join(own, 'package.json'));
	cpSync(join(packageFolder, 'dist'), join(own, 'dist'), { recursive: true });
	for (const entry of readdirSync(MODULES))
		if (!entry.startsWith('.') && entry !== 'withdaemon') symlinkSync(join(MODULES, entry), join(modules, entry));
	writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
}

/**
 * @param {Bench} bench
 * @param {string} folder
 * @param {string} suite
 * @param {Record<string, string>} more
 */
async function runSuite(bench, folder, suite, more) {
	const program = join(folder, 'node_modules/vitest/vitest.mjs');
	const env = { ...bench.env, TMPDIR: bench.memory, ...more };
	const began = now();
	const child = spawn(process.execPath, [program, 'run', '--dir', suite], {
		cwd: folder,
		env,
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
	if (code !== 0) throw new Error(output.trim().split('\n').at(-1));
	return { ms: (now() - began) / 1e6 };
}
