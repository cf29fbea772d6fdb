/** Starts a daemon, uses it, stops it, and makes sure that nothing of it is left. */
import { seenFromCallOf } from './call-site.ts';
import { throwAll } from './error-text.ts';
import { InvalidOptionError } from './errors.ts';
import type { Captures } from './log/captures.ts';
import type { DaemonOptions } from './options/options.ts';
import { checkHelperOptions } from './options/resolve.ts';
import { type RunningDaemon, startScoped } from './start-daemon.ts';
import { keepAlive, unlessAborted } from './time/deadline.ts';

/**
 * Runs `fn` with a daemon that is ready, and stops the daemon afterwards, whatever happens. Resolves with the result of
 * `fn`.
 *
 * @param fn gets the daemon, and a signal that aborts when the daemon dies or the option `signal` does.
 * @example
 * await withDaemon({ startupCommand: ['node', 'server.js'], lookFor: /port (?<port>\d+)/ }, async daemon => {
 *   await fetch(`http://127.0.0.1:${daemon.captures.port}/`);
 * });
 *
 * @throws the error of `fn`; {@link DaemonExitedError} as soon as the daemon dies; the reason of the option `signal`;
 * the errors of {@link startDaemon} and of the teardown. If both `fn` and the teardown failed, an `AggregateError` of
 * both, with that of `fn` first.
 */
export async function withDaemon<T, C extends Captures = Captures>(
	options: DaemonOptions<C>,
	fn: (daemon: RunningDaemon<C>, context: { readonly signal: AbortSignal }) => T | Promise<T>,
): Promise<T> {
	return await seenFromCallOf(withDaemon, () => run(options, fn));
}

async function run<T, C extends Captures>(
	options: DaemonOptions<C>,
	fn: (daemon: RunningDaemon<C>, context: { readonly signal: AbortSignal }) => T | Promise<T>,
): Promise<T> {
	const inFolder = checkHelperOptions(options);
	if (typeof fn !== 'function') throw new InvalidOptionError(options.name ?? 'daemon', [WITHOUT_FUNCTION]);
	const daemon = await startScoped(options, inFolder);
	// A set, as a death that has ended `fn` is reported again afterwards.
	const failures = new Set<unknown>();
	const note = (error: unknown) => {
		failures.add(error);
		daemon.noteFailure(error);
	};
	const signal = options.signal ? AbortSignal.any([daemon.signal, options.signal]) : daemon.signal;
	const result = await use(daemon, signal, fn).catch(note);
	// A death that nobody has noticed ends in an error of the teardown.
	if (failures.size > 0) await daemon.assertNotDied(true).catch(note);
	await daemon[Symbol.asyncDispose]().catch(note);
	throwAll([...failures]);
	return result as T;
}

const WITHOUT_FUNCTION =
	'`withDaemon` needs a function as its second argument: for a daemon that goes on without one there is `startDaemon`.';

async function use<T, C extends Captures>(
	daemon: RunningDaemon<C>,
	signal: AbortSignal,
	fn: (daemon: RunningDaemon<C>, context: { readonly signal: AbortSignal }) => T | Promise<T>,
): Promise<T> {
	// `fn` begins at once, and the rest is done while it waits.
	const running = (async () => await fn(daemon, { signal }))();
	return await keepAlive(unlessAborted(running, signal));
}
