/** Command lines that start a server, run a command when it is ready, and stop the server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { now } from '../clock.mjs';
import { missing } from '../contenders/peer.mjs';
import { freePort, NO_STAMPS, untilEnded } from '../hosts.mjs';
import { inRounds } from '../rounds.mjs';
import { emptyRow, makeTable } from '../table.mjs';

/**
 * @typedef {import('../bench.mjs').Bench} Bench
 * @typedef {import('../table.mjs').Table} Table
 *
 * @typedef {object} Way
 * @property {string} row
 * @property {'line' | 'tcp' | 'http'} by
 * @property {string} [needs] a package of the bench's own
 * @property {Record<string, string>} [env]
 * @property {(job: Job) => string[]} argv
 *
 * @typedef {object} Job
 * @property {string} server the command of the server, for a shell
 * @property {string} command what is run when it is ready, for a shell
 * @property {string} port
 * @property {string} folder
 */

export const name = 'cli';
export const title = 'command lines, until CMD runs';

const PEERS = fileURLToPath(new URL('../node_modules', import.meta.url));
/** Long enough for a tool in Node to be waiting by then. */
const DELAY_MS = 100;

/**
 * @param {Bench} bench
 * @returns {Promise<Table[]>}
 */
export async function run(bench) {
	const cli = join(bench.packageFolder, 'dist/cli/main.js');
	const withLine = ({ server = '', command = '' }) => [
		...[
			process.execPath,
			cli,
			'run',
			'--quiet',
			'--service',
			server,
			'--look-for',
			'ready',
			'--',
			...command.split(' '),
		],
	];
	const withPort = ({ server = '', command = '', port = '' }) => [
		...[process.execPath, cli, 'run', '--quiet', '--service', server, '--port', port, '--', ...command.split(' ')],
	];
	/** @type {Way[]} */
	const ways = [
		{ row: 'withdaemon run, line', by: 'line', argv: withLine },
		{ row: 'withdaemon run, line, no native layer', by: 'line', argv: withLine, env: { WITHDAEMON_FFI: 'off' } },
		{ row: 'withdaemon run, tcp', by: 'tcp', argv: withPort },
		{
			...{ row: 'sh, wait-on', by: 'tcp', needs: 'wait-on' },
			argv: ({ server, command, port }) => {
				const waitOn = `${process.execPath} ${PEERS}/wait-on/bin/wait-on tcp:127.0.0.1:${port}`;
				return ['sh', '-c', `${server} & ${waitOn} && ${command}; kill $!; wait`];
			},
		},
		{
			...{ row: 'start-server-and-test, http', by: 'http', needs: 'start-server-and-test' },
			argv: ({ server, command, port }) => {
				const program = join(PEERS, 'start-server-and-test/src/bin/start.js');
				return [process.execPath, program, server, `http://127.0.0.1:${port}`, command];
			},
		},
		{
			...{ row: 'Playwright’s runner, an empty test, line', by: 'line', needs: '@playwright/test' },
			argv: job => {
				writePlaywrightTest(job);
				return [process.execPath, join(PEERS, '@playwright/test/cli.js'), 'test'];
			},
		},
	];
	const there = ways.filter(({ needs }) => needs === undefined || missing(needs) === undefined);
	const cells = there.map(way => ({ row: way.row, measure: () => measure(bench, way) }));
	const measured = await inRounds(bench, cells, bench.rounds(10, 1), { warmUps: bench.isQuick ? 0 : 1 });
	const columns = [
		{ title: 'until the server starts', figure: 'start' },
		{ title: 'ready to CMD', figure: 'lag' },
		{ title: 'after CMD', figure: 'end' },
		{ title: 'all', figure: 'all' },
	];
	const about = `The server is ready ${DELAY_MS} ms after its start, CMD is a program in C. "all" is until the command line exits, less that delay.`;
	const table = makeTable({ title: 'Command lines', about }, measured, columns);
	const absent = ways
		.filter(way => !there.includes(way))
		.map(({ row }) => emptyRow(row, 'not installed', columns.length));
	return [{ ...table, rows: [...table.rows, ...absent] }];
}

let runs = 0;

/**
 * @param {Bench} bench
 * @param {Way} way
 */
async function measure(bench, { by, argv, env = {} }) {
	const folder = join(bench.memory, `cli-${++runs}`);
	mkdirSync(folder);
	const file = join(folder, 'stamps');
	writeFileSync(file, NO_STAMPS);
	const port = String(await freePort());
	const server = `${bench.native.fixture} ${file} ${by} ${DELAY_MS} ${port}`;
	const [program = '', ...args] = argv({ server, command: `${bench.native.command} ${file}`, port, folder });
	const began = now();
	const child = spawn(program, args, { cwd: folder, env: { ...bench.env, TMPDIR: folder, ...env }, stdio: 'ignore' });
	const [code] = await once(child, 'exit');
	const ended = now();
	const { main, ready, commandBegin, commandEnd } = await untilEnded(file);
	if (commandBegin === 0) throw new Error(`it exited with code ${code}, and has not run the command`);
	const ms = (/** @type {number} */ from, /** @type {number} */ to) => (to - from) / 1e6;
	return {
		start: ms(began, main),
		lag: ms(ready, commandBegin),
		end: ms(commandEnd, ended),
		all: ms(began, ended) - DELAY_MS,
	};
}

/** @param {Job} job */
function writePlaywrightTest({ server, command, folder }) {
	symlinkSync(PEERS, join(folder, 'node_modules'));
	const webServer = `{ command: ${JSON.stringify(server)}, wait: { stdout: /ready/ } }`;
	writeFileSync(join(folder, 'playwright.config.js'), `module.exports = { webServer: ${webServer} };\n`);
	const code = [
		"const { test } = require('@playwright/test');",
		`test('CMD', () => { require('node:child_process').execSync(${JSON.stringify(command)}); });`,
	];
	writeFileSync(join(folder, 'empty.spec.js'), `${code.join('\n')}\n`);
}
