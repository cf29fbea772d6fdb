/** Lets Ctrl-C, SIGTERM and SIGHUP end what a command waits for. */
import { describeError } from './describe-error.ts';
import { handleInterrupts, toExitCode } from './interrupts.ts';

/**
 * The first signal aborts the work, and becomes the exit code if the work fails then. The next one ends the command at
 * once: what it has started and not released ends with it.
 */
export async function interruptible(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
	const interrupted = new AbortController();
	const first = handleInterrupts({
		ask: signal => interrupted.abort(`${signal} has come`),
		force: () => process.exit(toExitCode(first() ?? 'SIGINT')),
		isInteractive: () => false,
	});
	try {
		await work(interrupted.signal);
	} catch (error) {
		if (!interrupted.signal.aborted) throw error;
		if (error !== interrupted.signal.reason) console.error(describeError(error));
		process.exitCode = toExitCode(first() ?? 'SIGINT');
	}
}
