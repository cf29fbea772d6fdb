/** Lets Ctrl-C, SIGTERM and SIGHUP end what a command waits for. */
import { handleInterrupts, toExitCode } from './interrupts.ts';

/**
 * Aborts at the first signal. The next one ends the command at once: what it has started and not released ends with it.
 */
export function whenInterrupted(): AbortSignal {
	const interrupted = new AbortController();
	const first = handleInterrupts({
		ask: signal => interrupted.abort(`${signal} has come`),
		force: () => process.exit(toExitCode(first() ?? 'SIGINT')),
		isInteractive: () => false,
	});
	return interrupted.signal;
}
