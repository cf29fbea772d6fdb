/** A daemon that dies while a test uses it: the "cycle" ends when the test has failed. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @param {string} _
 * @param {string} packageFolder
 * @returns {Promise<import('../host.mjs').Cycle>}
 */
export async function prepare(_, packageFolder) {
	/** @type {typeof import('withdaemon')} */
	const { DaemonExitedError, withDaemon } = await import(pathToFileURL(join(packageFolder, 'dist/index.js')).href);
	return async ({ file, args }, inUse) => {
		try {
			await withDaemon({ startupCommand: [file, ...args], lookFor: 'ready' }, async daemon => {
				await inUse();
				process.kill(daemon.pid);
				await new Promise(() => {});
			});
		} catch (error) {
			if (!(error instanceof DaemonExitedError)) throw error;
		}
	};
}
