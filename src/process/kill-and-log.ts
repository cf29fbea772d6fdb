/** Sends a signal and logs it, or logs why it could not be sent. */
import { inspect } from 'node:util';
import type { Logger } from '../logger.ts';
import { sendSignal, toSignal } from './signals.ts';

export const DECEASED = 'Process is deceased or zombie.';

/**
 * Signals a process, unless `whyNot` gives a reason at the last moment. If it does, or if the system refuses, the
 * reason is logged and the answer is `false`. Signal 0 only asks whether the process exists. The texts are those of
 * Servolux.
 */
export function killAndLog(pid: number, signal: unknown, whyNot: () => string | undefined, logger: Logger): boolean {
	if (signal === 0) return whyNot() === undefined;
	const name = typeof signal === 'number' || typeof signal === 'string' ? toSignal(signal) : undefined;
	const shown = typeof signal === 'string' ? signal : inspect(signal, { depth: 0 });
	const failed = `Failed to kill PID ${pid} with ${name ?? shown}:`;
	if (name === undefined) {
		logger.error(`${failed} '${shown}' is an invalid or unsupported signal number.`);
		return false;
	}
	logger.info(`Killing PID ${pid} with ${name}`);
	const reason = whyNot();
	const outcome = reason === undefined ? sendSignal(pid, name) : 'ESRCH';
	if (outcome === 'sent') return true;
	const reasons = {
		EINVAL: `'${shown}' is an invalid or unsupported signal number.`,
		EPERM: 'Insufficient permissions.',
		ESRCH: DECEASED,
	};
	logger.error(`${failed} ${reason ?? reasons[outcome]}`);
	return false;
}
