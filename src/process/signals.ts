/** Signals: their names, and sending them. */
import { constants } from 'node:os';

const ERRNOS = ['EINVAL', 'EPERM', 'ESRCH'] as const;
/** `sent`, or the errno of kill(2). */
export type SignalOutcome = 'sent' | (typeof ERRNOS)[number];

/** The canonical name of `'INT'`, `'SIGINT'`, `'sigint'` or `2`; undefined if this platform has no such signal. */
export function toSignal(signal: string | number): NodeJS.Signals | undefined {
	if (typeof signal === 'number') {
		const found = Object.entries(constants.signals).find(([, number]) => number === signal);
		return found?.[0] as NodeJS.Signals | undefined;
	}
	const name = signal.toUpperCase().replace(/^(?!SIG)/, 'SIG');
	return Object.hasOwn(constants.signals, name) ? (name as NodeJS.Signals) : undefined;
}

/** A signal by number, or by a name in capitals, as `stop` and `quit` may be programs. */
export function asSignal(value: unknown): NodeJS.Signals | undefined {
	if (typeof value === 'number') return toSignal(value);
	return typeof value === 'string' && /^[A-Z\d]+$/.test(value) ? toSignal(value) : undefined;
}

/** kill(2): `target` is a pid, or a process group as a negative number. The caller must have proven that it is ours. */
export function sendSignal(target: number, signal: NodeJS.Signals | 0): SignalOutcome {
	try {
		process.kill(target, signal);
		return 'sent';
	} catch (error) {
		const outcome = ERRNOS.find(errno => errno === (error as NodeJS.ErrnoException).code);
		if (outcome === undefined) throw error;
		return outcome;
	}
}
