/** Ends a daemon in a test run: an error about its death and an error of its teardown are both reported. */
import type { RunningDaemon } from '../index.ts';

/** @param told the death that a test has already failed with, which is not reported again. */
export async function endDaemon(daemon: RunningDaemon, isSuspected: boolean, told?: unknown): Promise<void> {
	const failures: unknown[] = [];
	await daemon.assertNotDied(isSuspected).catch(death => death === told || failures.push(death));
	await daemon[Symbol.asyncDispose]().catch(error => failures.push(error));
	if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('\n\nThen: '));
	if (failures.length > 0) throw failures[0];
}
