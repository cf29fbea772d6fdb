/** Waits until a task is done: it has exited with code 0, and by then every check has passed. */
import { describeExit } from '../error-text.ts';
import type { Silence } from '../log/silence.ts';
import { unlessAborted } from '../time/deadline.ts';
import type { Check, ProbedDaemon } from './check.ts';
import { beginWaits, type NotReady, type Ready, toReady } from './wait-until-ready.ts';

/** Says in errors what a task still has to do. */
export function done(): Check {
	let state = 'it still runs';
	return {
		name: 'exit with code 0',
		wait: async (_signal, { process }) => {
			// Not awaited: an exit ends every wait, so `waitUntilDone` looks at its code.
			void process.exited.then(exit => {
				state = `it ${describeExit(exit)}`;
			});
			return {};
		},
		reason: () => state,
	};
}

/** Rejects with the signal's reason if the signal is aborted first. */
export async function waitUntilDone(
	checks: readonly Check[],
	daemon: ProbedDaemon,
	signal: AbortSignal,
	silence?: Silence,
): Promise<Ready | NotReady> {
	const { failing, end } = beginWaits(checks, daemon, signal, silence);
	const failed = unlessAborted(failing, signal);
	await Promise.allSettled([failed]);
	// The checks look a last time, at everything that the task has logged.
	const results = await end();
	const failure = await failed;
	const hold = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
	const isDone = failure.kind === 'exited' && failure.exit.code === 0 && hold.length === results.length;
	return isDone ? toReady(hold) : failure;
}
