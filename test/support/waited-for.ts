/** What the error of a start says about its probes. */
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'vitest';
import { type DaemonOptions, type ProbeFunction, type ProbeLike, startDaemon } from '../../src/index.ts';

/**
 * The rows of the error on what was waited for. The start ends when the test has seen enough, and not after some time
 * that would be too short on a busy machine.
 */
export async function waitedFor(
	options: DaemonOptions & { ready: readonly ProbeLike[] },
	isEnough: ProbeFunction,
): Promise<string> {
	const enough = new AbortController();
	const watcher: ProbeFunction = async daemon => {
		if (await isEnough(daemon)) enough.abort();
		return 'goes on';
	};
	const { signal } = enough;
	const error = await startDaemon({ ...options, signal, ready: [...options.ready, watcher] }).then(
		() => expect.unreachable(),
		(reason: Error) => reason,
	);
	const [, rows = ''] = /\n {2}waiting for +([\s\S]*?)\n +function watcher/.exec(error.message) ?? [];
	return rows.replace(/^ +/gm, '');
}

/**
 * Whether the daemon is executing `sleep`, and what it did before has been read from its sockets. Several timers can run
 * in one turn of the event loop, so looks do not tell that; between two immediates the loop polls once.
 */
export async function isHeardAndSleeps({ pid }: { pid: number }): Promise<boolean> {
	if (!readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('sleep')) return false;
	await setImmediate();
	await setImmediate();
	return true;
}
