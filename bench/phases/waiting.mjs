/** What it costs to wait five seconds for a daemon that says nothing. */
import { contenders } from '../contenders/contenders.mjs';
import { startHosts } from '../hosts.mjs';
import { makeTable } from '../table.mjs';

/** @typedef {import('../table.mjs').Table} Table */

export const name = 'waiting';
export const title = 'the processor while a daemon is waited for, 5 s';

const DELAY_MS = 5000;

/**
 * All wait at the same time: what is measured is the time on the processor, and hardly any is used.
 * @param {import('../bench.mjs').Bench} bench
 * @returns {Promise<Table[]>}
 */
export async function run(bench) {
	const wanted = contenders.filter(({ name: contender }) => !/^C,|on disk|start-stop|daemonize/.test(contender));
	const { hosts } = await startHosts(bench, wanted);
	/** @type {import('../rounds.mjs').Measured[]} */
	const measured = hosts.map(({ name: row }) => ({ row, column: '', samples: [], leftOut: 0, isNoisy: false }));
	for (let round = 0; round < bench.rounds(3, 1); round += 1) {
		const starts = [];
		for (const { host } of hosts) starts.push((await host.cycle()).cpu);
		const waits = await Promise.all(hosts.map(({ host }) => host.cycle({ delayMs: DELAY_MS }).catch(() => undefined)));
		for (const [index, cell] of measured.entries()) {
			const wait = waits[index];
			if (wait) cell.samples.push({ cpu: wait.cpu - (starts[index] ?? 0), rss: wait.rss });
			else cell.failure = 'failed';
		}
	}
	const about =
		'Milliseconds on the processor until a daemon was ready that said nothing for 5 s, less those of a start without a wait, ' +
		'and the memory of the caller in MB.';
	const columns = [
		{ title: 'processor', figure: 'cpu' },
		{ title: 'memory, MB', figure: 'rss' },
	];
	return [makeTable({ title: 'Waiting for 5 s', about }, measured, columns)];
}
