/** Asks a daemon to end, as its `shutdownCommand` says. */
import { textOf } from '../error-text.ts';
import type { Program } from '../launch/program.ts';
import { printable } from '../printable.ts';
import { unlessAborted } from '../time/deadline.ts';
import { continueIfStopped } from './pause.ts';
import { RequestError } from './request-error.ts';
import { runShutdownProgram } from './shutdown-program.ts';
import { type KillMode, type Sent, signalDaemon, type Target } from './signal-daemon.ts';

/** How to ask: a signal to send, a program to run, or a function to call. */
export type Request = SignalRequest | CallRequest;

interface SignalRequest {
	readonly kind: 'signal';
	readonly signal: NodeJS.Signals;
	readonly killMode: KillMode;
}

type CallRequest =
	| { readonly kind: 'program'; readonly program: Program }
	| { readonly kind: 'function'; readonly call: () => unknown };

/** For messages: it completes "within 500 ms of …". */
export function describeRequest(request: Request): string {
	if (request.kind === 'signal') return request.signal;
	return request.kind === 'program'
		? `\`${printable(request.program.argv.join(' '))}\``
		: 'its shutdownCommand function';
}

/** @throws {@link RequestError} if the signal may not be sent. */
export function send(target: Target, { signal, killMode }: SignalRequest): Sent {
	const sent = signalDaemon(target, signal, killMode);
	if (sent.outcome === 'EPERM') throw new RequestError(`${signal} may not be sent to it (EPERM)`);
	return sent;
}

/**
 * Resolves when the program or the function is over, not when the daemon has ended.
 *
 * @throws {@link RequestError} if the daemon could not be asked; the signal's reason if the signal is aborted first.
 */
export async function call(target: Target, request: CallRequest, signal: AbortSignal): Promise<void> {
	continueIfStopped(target);
	if (request.kind === 'program') return await runShutdownProgram(request.program, target.marker, signal);
	try {
		await unlessAborted(Promise.resolve(request.call()), signal);
	} catch (error) {
		if (signal.aborted) throw error;
		throw new RequestError(`its shutdownCommand threw ${textOf(error)}`, [], error);
	}
}
