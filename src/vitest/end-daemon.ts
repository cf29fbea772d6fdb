/** The end of a daemon in a test run: neither its death nor what its teardown finds hides the other. */
import type { RunningDaemon } from '../index.ts';

/** @param told the death that a test has failed with already: it is not told twice. */
export async function endDaemon(daemon: RunningDaemon, isSuspected: boolean, told?: unknown): Promise<void> {
	const failures: unknown[] = [];
	await daemon.assertNotDied(isSuspected).catch(death => death === told || failures.push(death));
	await daemon[Symbol.asyncDispose]().catch(error => failures.push(error));
	if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('\n\nThen: '));
	if (failures.length > 0) throw failures[0];
}
