/** Asks a daemon to end, as its `shutdownCommand` says. */
import { textOf } from '../error-text.ts';
import type { Program } from '../launch/program.ts';
import { printable } from '../printable.ts';
import { unlessAborted } from '../time/deadline.ts';
import { continueIfStopped } from './pause.ts';
import { RequestError } from './request-error.ts';
import { runShutdownProgram } from './shutdown-program.ts';
import { type KillMode, signalDaemon, type Target } from './signal-daemon.ts';

/** How to ask: a signal to send, a program to run, or a function to call. */
export type Request =
	| { readonly kind: 'signal'; readonly signal: NodeJS.Signals; readonly killMode: KillMode }
	| { readonly kind: 'program'; readonly program: Program }
	| { readonly kind: 'function'; readonly call: () => unknown };

/** For messages: it completes "within 500 ms of …". */
export function describeRequest(request: Request): string {
	if (request.kind === 'signal') return request.signal;
	return request.kind === 'program'
		? `\`${printable(request.program.argv.join(' '))}\``
		: 'its shutdownCommand function';
}

/**
 * Resolves when the daemon has been asked, not when it has ended.
 *
 * @throws {@link RequestError} if the daemon could not be asked; the signal's reason if the signal is aborted first.
 */
export async function ask(target: Target, request: Request, signal: AbortSignal): Promise<void> {
	switch (request.kind) {
		case 'signal': {
			const outcome = signalDaemon(target, request.signal, request.killMode);
			if (outcome === 'EPERM') throw new RequestError(`${request.signal} may not be sent to it (EPERM)`);
			return;
		}
		case 'program':
			continueIfStopped(target);
			await runShutdownProgram(request.program, target.marker, signal);
			return;
		case 'function':
			continueIfStopped(target);
			try {
				await unlessAborted(Promise.resolve(request.call()), signal);
			} catch (error) {
				if (signal.aborted) throw error;
				throw new RequestError(`its shutdownCommand threw ${textOf(error)}`, [], error);
			}
	}
}
