/** Fails tests with the death of their daemon, and ends it: an error of its teardown is reported too. */
import { throwAll } from '../error-text.ts';
import type { RunningDaemon } from '../index.ts';

/** The deaths that a test has failed with: the end of the daemon does not report them again. */
const told = new WeakSet<object>();

/** Notes that a test fails with this death. */
export function noteTold(death: object): void {
	told.add(death);
}

/**
 * @param isSuspected whether the test has failed, perhaps because of a death.
 * @throws the death of the daemon, to fail a test with it.
 */
export async function checkDaemon(daemon: RunningDaemon, isSuspected: boolean): Promise<void> {
	await daemon.assertNotDied(isSuspected).catch(death => {
		noteTold(death);
		throw death;
	});
}

/** Ends a daemon; throws its death unless a test has failed with it, and what its teardown throws. */
export async function endDaemon(daemon: RunningDaemon, isSuspected: boolean): Promise<void> {
	const failures: unknown[] = [];
	await daemon.assertNotDied(isSuspected).catch(death => told.has(death) || failures.push(death));
	await daemon[Symbol.asyncDispose]().catch(error => failures.push(error));
	throwAll(failures);
}
