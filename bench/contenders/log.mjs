/** Looks for the last line of a large log that a daemon has written: the file is named by `BENCH_LOG`. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @param {string} exported `text` or `expression`
 * @param {string} packageFolder
 * @returns {Promise<import('../host.mjs').Cycle>} a "cycle" that is one search, as the daemon stays
 */
export async function prepare(exported, packageFolder) {
	/** @type {typeof import('withdaemon')} */
	const { startDaemon } = await import(pathToFileURL(join(packageFolder, 'dist/index.js')).href);
	const source = process.env['BENCH_LOG'] ?? '';
	const { size } = statSync(source);
	const { log } = await startDaemon({
		startupCommand: ['sh', '-c', 'cat "$BENCH_LOG"; exec sleep 600'],
		ready: daemon => daemon.log !== undefined && statSync(daemon.log.path).size >= size,
	});
	const pattern = exported === 'text' ? 'the server is ready' : /the server is ready on port (?<port>\d+)/;
	return async (_, inUse) => {
		await log.waitFor(pattern, { timeout: 60_000 });
		await inUse();
	};
}
