import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryFolder } from './support/fixtures.ts';
import { describeServer } from './support/real-servers.ts';

const bench = fileURLToPath(new URL('../bench/bench.mjs', import.meta.url));

describeServer('a C compiler', ['cc'], () => {
	/** The least that runs every part of it. For figures: `npm run bench`. */
	test('the bench measures a cycle of the library and one of bare child_process', { timeout: 240_000 }, async () => {
		const folder = temporaryFolder();
		const build = dirname(String(process.env['WITHDAEMON_TEST_BUILD']));
		const json = join(folder, 'results.json');
		const contenders = ['withDaemon', 'bare child_process'].flatMap(name => ['--contender', name]);
		const few = ['--quick', '--only', 'cycles', '--rounds', '1', ...contenders];
		const args = [bench, ...few, '--package', build, '--memory-folder', folder, '--output', folder, '--json', json];
		await promisify(execFile)(process.execPath, args);
		const { machine, phases } = JSON.parse(readFileSync(json, 'utf8'));
		expect(machine.Node).toBe(process.version);
		const [{ columns, rows }, spread] = phases.cycles;
		expect(columns).toContain('added @ 0');
		expect(spread.columns).toEqual(['added @ 0', 'added @ 50', 'added @ 730']);
		expect(rows.map((row: { name: string }) => row.name).toSorted()).toEqual(['bare child_process', 'withDaemon']);
		const cells = rows.flatMap((row: { cells: unknown[] }) => row.cells);
		expect(cells).toHaveLength(2 * columns.length);
		for (const cell of cells) expect(cell).toMatchObject({ median: expect.any(Number), count: expect.any(Number) });
		for (const text of [
			readFileSync(join(folder, 'RESULTS.md'), 'utf8'),
			readPlot(folder, 'light'),
			readPlot(folder, 'dark'),
		])
			for (const name of ['bare child_process', 'withDaemon']) expect(text).toContain(name);
	});
});

const readPlot = (folder: string, theme: string) => readFileSync(join(folder, `plots/cycles-${theme}.svg`), 'utf8');
