import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { goals } from '../bench/goals.mjs';
import { toMarkdown } from '../bench/report.mjs';
import { inRounds } from '../bench/rounds.mjs';
import { makeTable } from '../bench/table.mjs';
import { temporaryFolder } from './support/fixtures.ts';
import { describeServer } from './support/real-servers.ts';

const bench = fileURLToPath(new URL('../bench/bench.mjs', import.meta.url));

test('a table has the median, the least and the most of what was measured, each in its column', () => {
	const cell = { column: '0', leftOut: 0, isNoisy: false };
	const samples = [100, 9, 20].map(start => ({ start, 'stop lag': 1 }));
	const others = [4, 1, 30, 2].map(start => ({ start, 'stop lag': Number.NaN }));
	const measured = [
		{ ...cell, row: 'odd', samples },
		{ ...cell, row: 'odd', column: '50', samples: [{ start: 0.125, 'stop lag': -2 }], leftOut: 3 },
		{ ...cell, row: 'even', samples: others, isNoisy: true, failure: 'failed 1 times: late' },
	];
	const columns = [
		{ title: 'start @ 50', figure: 'start', of: '50' },
		{ title: 'start @ 0', figure: 'start', of: '0' },
		{ title: 'lag', figure: 'stop lag' },
	];
	const table = makeTable({ title: 'Cycles', about: 'Some words.' }, measured, columns);
	const [, text] = toMarkdown({ machine: {}, foreignLoad: 0, seconds: {}, phases: { cycles: [table] } }).split(
		'## Cycles',
	);
	expect(text).toBe(`

Some words.

| | start @ 50 | start @ 0 | lag | |
| --- | ---: | ---: | ---: | --- |
| odd | 0.13 | 20.0 (9.0 to 100) | 1.0 (-2.0 to 1.0) | returned while the daemon was still running; 3 left out |
| even | – | 3.0 (1.0 to 30.0) | – | failed 1 times: late; noisy |

`);
});

test('a cycle counts if the machine was quiet before and after it, or if it hardly ever was', async () => {
	const measure = async (looks: readonly boolean[], warmUps = 0) => {
		const remaining = looks.values();
		const look = async () => remaining.next().value ?? expect.unreachable('one look before all, and one after each');
		let cycles = 0;
		const cells = [{ row: 'a', measure: async () => ({ cycle: ++cycles }) }];
		const [measured] = await inRounds({ quiet: { look } }, cells, looks.length - 1 - warmUps, { warmUps });
		return { ...measured, samples: measured?.samples.map(({ cycle }) => cycle) };
	};
	const about = { row: 'a', column: '' };
	const mixed = [true, true, false, true, true];
	expect(await measure(mixed)).toEqual({ ...about, samples: [1, 4], leftOut: 2, isNoisy: false });
	expect(await measure(mixed, 2)).toEqual({ ...about, samples: [4], leftOut: 1, isNoisy: false });
	const busy = [true, true, false, false, false];
	expect(await measure(busy)).toEqual({ ...about, samples: [1, 2, 3, 4], leftOut: 0, isNoisy: true });
});

test('a contender that fails three times is not asked again, and its row says why', async () => {
	let cycles = 0;
	const failing = async () => Promise.reject(new Error(`cycle ${++cycles}\nmore`));
	const bench = { quiet: { look: async () => true } };
	expect(await inRounds(bench, [{ row: 'a', measure: failing }], 10)).toEqual([
		{ row: 'a', column: '', samples: [], leftOut: 0, isNoisy: false, failure: 'failed 3 times: cycle 1' },
	]);
	expect(cycles).toBe(3);
});

test('each goal is compared with what was measured, in its direction', () => {
	const columns = ['10', '100', '500'];
	const phases = {
		cycles: [
			tableOf('One cycle', ['stop lag', ...['0', '50', '730'].map(delay => `ready lag @ ${delay}`)], {
				withDaemon: [3, 1, 1.5, 1],
				'bare child_process': [1, 0.5, 0.25, 0.5],
			}),
		],
		callers: [
			tableOf('Small and large callers', ['60 MB', '300 MB', '600 MB'], {
				withDaemon: [30, 9, 25],
				'bare child_process': [20, 20, 40],
			}),
		],
		eventLoop: [tableOf('The event loop', ['longest block'], { withDaemon: [0.75] })],
		waiting: [tableOf('Waiting for 5 s', ['processor'], { withDaemon: [6] })],
		many: [
			tableOf('Many at once: both, for each daemon', columns, {
				withDaemon: [4, 6, 3],
				'bare child_process': [4, 3, 2],
			}),
		],
		imports: [tableOf('Import in a fresh Node', ['time'], { withdaemon: [16], 'an empty module': [2] })],
		first: [tableOf('Import and first cycle', ['time'], { withDaemon: [41] })],
		log: [
			tableOf('The last line of a large log', ['time', 'GB/s'], {
				'withDaemon, a RegExp': [7, 0.5],
				'withDaemon, a string': [3, 9],
				'grep -F, a string': [1.5, 9],
			}),
		],
		deaths: [tableOf('The caller is killed', ['first signal', 'nothing left'], { withDaemon: [5, 61] })],
		vitest: [tableOf('The daemon dies under a test', ['the test has failed'], { withDaemon: [11] })],
	};
	const results = { machine: {}, foreignLoad: 0, seconds: {}, phases };
	const lines = toMarkdown(results).split('\n');
	expect(lines.filter(line => /\| (?:met|\*\*missed\*\*) \|$/.test(line))).toEqual([
		'| the daemon’s ready line → the caller goes on: more than a pipe that is read directly, at the worst delay | ≤ 1 ms | 1.3 ms | **missed** |',
		'| the daemon’s exit → its stop has resolved: more than the `exit` event of `child_process` | ≤ 1 ms | 2.0 ms | **missed** |',
		'| a whole cycle, caller of 60 MB, to bare `child_process` | ≤ 1.5 × | 1.5 × | met |',
		'| the same, caller of 300 MB | ≤ 0.5 × | 0.45 × | met |',
		'| the same, caller of 600 MB | ≤ 0.5 × | 0.63 × | **missed** |',
		'| the event loop is blocked by one launch, caller of 600 MB | ≤ 1 ms | 0.75 ms | met |',
		'| the processor while a silent daemon is waited for, 5 s | ≤ 5 ms | 6.0 ms | **missed** |',
		'| 500 daemons at once: the time for each, to that with 10 | ≤ 1 × | 0.75 × | met |',
		'| 10, 100 and 500 at once: the time for each, to bare `child_process`, at the worst number | ≤ 1.3 × | 2.0 × | **missed** |',
		'| a string in the last line of a large log, to `grep -F` | ≤ 2 × | 2.0 × | met |',
		'| a RegExp there | ≥ 1 GB/s | 0.50 GB/s | **missed** |',
		'| the import of `withdaemon`, over an empty module | ≤ 15 ms | 14.0 ms | met |',
		'| the import and the first cycle | ≤ 40 ms | 41.0 ms | **missed** |',
		'| the caller’s SIGKILL → the daemon’s first signal | ≤ 5 ms | 5.0 ms | met |',
		'| the caller’s SIGKILL → nothing left | ≤ 60 ms | 61.0 ms | **missed** |',
		'| the death of a daemon → the running test has failed | ≤ 10 ms | 11.0 ms | **missed** |',
	]);
	const earlier = tableOf('Small and large callers', ['300 MB'], { withDaemon: [15], 'bare child_process': [20] });
	const compared = toMarkdown(results, { ...results, phases: { callers: [earlier] } }).split('\n');
	expect(compared.filter(line => /\| goal |caller of 300 MB|^\| a RegExp/.test(line))).toEqual([
		'| | goal | before | measured | |',
		'| the same, caller of 300 MB | ≤ 0.5 × | 0.75 × | 0.45 × | met |',
		'| a RegExp there | ≥ 1 GB/s | – | 0.50 GB/s | **missed** |',
	]);
});

test('each goal finds its figures in the results', () => {
	const results = readFileSync(fileURLToPath(new URL('../bench/RESULTS.md', import.meta.url)), 'utf8');
	const median = (title: string, row: string, column: string) => {
		const lines = results.split(`\n## ${title}\n`)[1]?.split('\n') ?? [];
		const cellsOf = (start: string) => lines.find(line => line.startsWith(start))?.split(' | ') ?? [];
		return Number.parseFloat(cellsOf(`| ${row} | `)[cellsOf('| | ').indexOf(column)] ?? '');
	};
	expect(goals.filter(({ measured }) => Number.isNaN(measured(median))).map(({ what }) => what)).toEqual([]);
});

describeServer('a C compiler', ['cc'], () => {
	/** The least that runs every part of it. For figures: `npm run bench`. */
	test('the bench measures a cycle of the library and one of bare child_process', { timeout: 240_000 }, async () => {
		const memory = temporaryFolder();
		const folder = join(memory, 'not made yet');
		const build = dirname(String(process.env['WITHDAEMON_TEST_BUILD']));
		const json = join(folder, 'results.json');
		const contenders = ['withDaemon', 'bare child_process'].flatMap(name => ['--contender', name]);
		const few = ['--quick', '--only', 'cycles', '--rounds', '1', ...contenders];
		const args = [bench, ...few, '--package', build, '--memory-folder', memory, '--output', folder, '--json', json];
		await promisify(execFile)(process.execPath, args);
		const { machine, phases } = JSON.parse(readFileSync(json, 'utf8'));
		expect(machine).toMatchObject({ Node: process.version, rounds: '1' });
		const [{ columns, rows }, spread] = phases.cycles;
		expect(columns).toContain('added @ 0');
		expect(spread.columns).toEqual(['added @ 0', 'added @ 50', 'added @ 730']);
		expect(rows.map((row: { name: string }) => row.name).toSorted()).toEqual(['bare child_process', 'withDaemon']);
		const cells = rows.flatMap((row: { cells: unknown[] }) => row.cells);
		expect(cells).toHaveLength(2 * columns.length);
		for (const cell of cells) expect(cell).toMatchObject({ median: expect.any(Number), count: expect.any(Number) });
		for (const { cells: own } of rows) {
			const cellOf = (column: string) => own[columns.indexOf(column)];
			// Whatever the machine does: these follow each other, and the daemon's own delay takes at least its time.
			for (const delay of ['0', '50', '730']) {
				const parts = [cellOf('start').min, cellOf(`ready lag @ ${delay}`).min, cellOf('stop').min];
				const sum = parts.reduce((all, part) => all + part, 0);
				expect(cellOf(`added @ ${delay}`).max).toBeGreaterThan(sum - 0.001);
			}
			expect(cellOf('stop lag').median).toBeLessThan(cellOf('stop').median);
		}
		for (const text of [
			readFileSync(join(folder, 'RESULTS.md'), 'utf8'),
			readPlot(folder, 'light'),
			readPlot(folder, 'dark'),
		])
			for (const name of ['bare child_process', 'withDaemon']) expect(text).toContain(name);
	});
});

const readPlot = (folder: string, theme: string) => readFileSync(join(folder, `plots/cycles-${theme}.svg`), 'utf8');

/** A table of what was measured once, a row for each contender. */
function tableOf(title: string, columns: readonly string[], rows: Readonly<Record<string, readonly number[]>>) {
	const measured = Object.entries(rows).map(([row, values]) => ({
		...{ row, column: '', leftOut: 0, isNoisy: false },
		samples: [Object.fromEntries(columns.map((column, index) => [column, values[index] ?? Number.NaN]))],
	}));
	return makeTable(
		{ title, about: '' },
		measured,
		columns.map(column => ({ title: column, figure: column })),
	);
}
