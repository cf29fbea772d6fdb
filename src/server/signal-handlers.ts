/** Signals that this process gets, handed to the methods of a server one after the other. */
import { type Handler, SIGNALS } from './options.ts';

/**
 * Answers how to leave the signals as they were: a call that has not had its turn by then is dropped.
 *
 * @param call must not reject.
 * @param isUrgent what takes no turn: a method that hangs would make the server deaf for what ends it.
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
