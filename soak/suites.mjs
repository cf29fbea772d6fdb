/**
 * `npm run soak:suites [-- --suites 2 --daemons 50]` runs several checkouts of one suite with vitest at the same time.
 * Their daemons have the same names and options, and each server answers with the build id of its checkout. All of them
 * run when each suite asks its own, and none may share a port, a folder, a PID file or an entry in the registry with
 * another one. Anything else leads to exit code 1.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { listFiles, until } from './traces.mjs';

const { values } = parseArgs({
	options: { suites: { type: 'string', default: '2' }, daemons: { type: 'string', default: '50' } },
});
const [suites, daemons] = [Number(values.suites), Number(values.daemons)];
/** For what hangs. */
const LONGEST_MS = 200_000;

/** @typedef {{ port: number, dir: string, pid: number, pidFile: string }} Had what a suite tells about one daemon */

const root = fileURLToPath(new URL('..', import.meta.url));
const all = mkdtempSync(join(tmpdir(), 'soak-side-by-side-'));
const temporary = join(all, 'tmp');
const go = join(all, 'go');
let suitesOver = 0;

/** Node finds these from each checkout. */
function install() {
	const modules = join(all, 'node_modules');
	mkdirSync(join(modules, 'withdaemon'), { recursive: true });
	for (const name of readdirSync(join(root, 'node_modules')).filter(name => !name.startsWith('.')))
		symlinkSync(join(root, 'node_modules', name), join(modules, name));
	const build = process.env['WITHDAEMON_TEST_BUILD'] ?? join(root, 'dist');
	cpSync(join(root, 'package.json'), join(modules, 'withdaemon', 'package.json'));
	cpSync(build, join(modules, 'withdaemon', 'dist'), { recursive: true });
}

const suite = `
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withDaemons } from 'withdaemon';
import { ask } from './ask.mjs';

const build = readFileSync('build-id', 'latin1');
const server = { startupCommand: 'exec perl server.pl {port} "$(cat build-id)"', port: 'auto', startupTimeout: ${LONGEST_MS} };
const members = Object.fromEntries(Array.from({ length: ${daemons} }, (_, index) => ['server-' + index, server]));

test('each server is of this checkout', { timeout: ${LONGEST_MS} }, () =>
	withDaemons(members, async group => {
		const own = Object.values(group);
		const expectOwn = async () => expect(await Promise.all(own.map(({ port }) => ask(port)))).toEqual(own.map(() => build));
		await expectOwn();
		writeFileSync('had.part', JSON.stringify(own.map(({ port, dir, pid, pidFile }) => ({ port, dir, pid, pidFile: pidFile.filename ?? pidFile }))));
		renameSync('had.part', 'had.json');
		await expect.poll(() => existsSync(${JSON.stringify(go)}), { timeout: ${LONGEST_MS} }).toBe(true);
		await expectOwn();
	}));
`;

/** @param {number} index */
function checkOut(index) {
	const folder = join(all, `checkout-${index}`);
	mkdirSync(folder);
	for (const [name, copy] of [
		['answers.pl', 'server.pl'],
		['ask.mjs', 'ask.mjs'],
	])
		cpSync(fileURLToPath(new URL(String(name), import.meta.url)), join(folder, String(copy)));
	writeFileSync(join(folder, 'suite.test.mjs'), suite);
	writeFileSync(join(folder, 'build-id'), `build-${index}`);
	return folder;
}

/** @param {string} folder */
async function run(folder) {
	// vitest marks its workers by such variables, and must not take the suite for one of them.
	const inherited = Object.entries(process.env).filter(([name]) => !/^VITEST|^XDG_RUNTIME_DIR$/.test(name));
	const env = Object.fromEntries(inherited);
	const vitest = join(all, 'node_modules', 'vitest', 'vitest.mjs');
	const child = spawn(process.execPath, [vitest, 'run', '--root', folder], {
		cwd: folder,
		env: { ...env, TMPDIR: temporary, NO_COLOR: '1' },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const ended = once(child, 'exit');
	const output = (await Promise.all([text(child.stdout), text(child.stderr)])).join('');
	suitesOver += 1;
	return { output, code: (await ended)[0] };
}

mkdirSync(temporary);
install();
const folders = Array.from({ length: suites }, (_, index) => checkOut(index));
const running = folders.map(run);
const files = folders.map(folder => join(folder, 'had.json'));
await until(() => files.every(existsSync) || suitesOver > 0, LONGEST_MS);
const isTogether = files.every(existsSync) && suitesOver === 0;
/** @type {Had[]} */
const had = files.filter(existsSync).flatMap(file => JSON.parse(readFileSync(file, 'utf8')));
const entries = listFiles(temporary).filter(file => file.endsWith('.jsonl'));
writeFileSync(go, '');
const results = await Promise.all(running);
const failed = results.filter(({ code }) => code !== 0);
for (const { output } of failed) console.log(output);

/** @param {keyof Had} what */
const different = what => new Set(had.map(each => each[what])).size;
const wanted = suites * daemons;
const counts = {
	...{
		ports: different('port'),
		folders: different('dir'),
		processes: different('pid'),
		'PID files': different('pidFile'),
	},
	'entries in the registry': entries.length,
};
console.log(`${suites} suites of ${daemons} daemons each, ${isTogether ? '' : 'not '}all at the same time`);
for (const [what, count] of Object.entries(counts)) console.log(`  different ${what.padEnd(24)} ${count} of ${wanted}`);
console.log(`  suites that spoke to their own servers only ${suites - failed.length} of ${suites}`);
const isRight = isTogether && failed.length === 0 && Object.values(counts).every(count => count === wanted);
console.log(isRight ? 'they never met' : 'they met');
const isEmpty = await until(() => listFiles(temporary).length === 0, LONGEST_MS);
console.log(isEmpty ? 'nothing left' : `left: ${listFiles(temporary).join(', ')}`);
rmSync(all, { recursive: true });
process.exitCode = isRight && isEmpty ? 0 : 1;
