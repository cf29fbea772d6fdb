/** Calls the methods of a server for the signals that this process gets, one after the other. */
import { type Handler, SIGNALS } from './options.ts';

/**
 * Returns a function that restores the signals; it drops the calls that still wait for their turn.
 *
 * @param call must not reject.
 * @param isUrgent whether a method does not wait for its turn, so that a method that hangs cannot block the shutdown.
 */
export function handleSignals(call: (method: Handler) => Promise<void>, isUrgent: (method: Handler) => boolean) {
	let isOver = false;
	let latest = Promise.resolve();
	const receive = (method: Handler) => {
		if (isUrgent(method)) void call(method);
		else latest = latest.then(() => (isOver ? undefined : call(method)));
	};
	const handlers = (Object.keys(SIGNALS) as Handler[]).map(method => {
		return [SIGNALS[method], () => receive(method)] as const;
	});
	for (const [signal, handler] of handlers) process.on(signal, handler);
	return (): void => {
		isOver = true;
		for (const [signal, handler] of handlers) process.off(signal, handler);
	};
}
