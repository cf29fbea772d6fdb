/** What tests can expect of a daemon, and the texts of what is not so, for the matchers of any test runner. */
import { describeExit, type EvidenceRow, type ExitStatus, printRows } from '../error-text.ts';
import { Daemon, InvalidOptionError, type Pattern } from '../index.ts';
import { show } from '../option-rules.ts';

export interface Expectation {
	readonly pass: boolean;
	/** Why it fails; with `not`, why that fails. */
	readonly message: () => string;
}

export function isAlive(received: unknown): Expectation {
	const daemon = toDaemon(received, 'toBeAlive');
	const pass = daemon.isAlive();
	return {
		pass,
		message: () => say(daemon, pass ? 'not to be alive, but it runs' : `to be alive, but it ${endOf(daemon)}`),
	};
}

/** Nothing is left: neither the daemon nor what it has started. */
export function isGone(received: unknown): Expectation {
	const daemon = toDaemon(received, 'toBeGone');
	const pass = !daemon.isAlive() && daemon.isOver();
	const why = daemon.isAlive() ? 'it runs' : 'it has left processes behind';
	return {
		pass,
		message: () => say(daemon, pass ? 'not to be gone, but nothing of it is left' : `to be gone, but ${why}`),
	};
}

export function hasLogged(received: unknown, pattern: Pattern): Expectation {
	const daemon = toDaemon(received, 'toHaveLogged');
	if (typeof pattern !== 'string' && !(pattern instanceof RegExp))
		throw new InvalidOptionError(daemon.name, [
			`\`toHaveLogged\` expects a string or a RegExp, but got ${show(pattern)}.`,
		]);
	const lines = daemon.log.lines();
	const matches = (line: string) =>
		typeof pattern === 'string'
			? line.includes(pattern)
			: new RegExp(pattern, pattern.flags.replace(/[gy]/g, '')).test(line);
	const line = lines.find(matches);
	const what = typeof pattern === 'string' ? JSON.stringify(pattern) : String(pattern);
	const why = describeLack(lines.length);
	return {
		pass: line !== undefined,
		message: () =>
			say(
				daemon,
				line === undefined ? `to have logged ${what}, but ${why}` : `not to have logged ${what}, but it has: ${line}`,
			),
	};
}

function describeLack(count: number): string {
	if (count === 0) return 'it has logged nothing';
	return count === 1 ? 'its only line is another one' : `none of its ${count} lines has that`;
}

/** @param status an exit code, a signal, or both as in `exited`. */
export async function hasExitedWith(received: unknown, status: number | string | ExitStatus): Promise<Expectation> {
	const daemon = toDaemon(received, 'toHaveExitedWith');
	const wanted = toStatus(daemon, status);
	const expected = describeExit(wanted)
		.replace(/^was/, 'have been')
		.replace(/^exited/, 'have exited');
	if (daemon.isAlive()) return { pass: false, message: () => say(daemon, `to ${expected}, but it runs`) };
	const exit = await daemon.exited;
	const pass = exit.code === wanted.code && exit.signal === wanted.signal;
	return {
		pass,
		message: () =>
			say(daemon, pass ? `not to ${expected}, but it did` : `to ${expected}, but it ${describeExit(exit)}`),
	};
}

function toStatus(daemon: Daemon, status: unknown): ExitStatus {
	if (typeof status === 'number') return { code: status, signal: null };
	if (typeof status === 'string') return { code: null, signal: status as NodeJS.Signals };
	if (typeof status === 'object' && status !== null && 'code' in status && 'signal' in status)
		return status as ExitStatus;
	const problem = `\`toHaveExitedWith\` expects an exit code or a signal, but got ${show(status)}.`;
	throw new InvalidOptionError(daemon.name, [problem]);
}

function toDaemon(received: unknown, matcher: string): Daemon {
	if (received instanceof Daemon) return received;
	throw new InvalidOptionError('expect', [`\`${matcher}\` is for daemons, but got ${show(received)}.`]);
}

/** A sentence such as `was killed by SIGKILL while it was in use`, if that is known already. */
function endOf({ signal, name, state }: Daemon): string {
	if (!signal.aborted) return state === 'idle' ? 'was not started' : 'has ended';
	return String(signal.reason.shortMessage).slice(name.length + 1);
}

function say(daemon: Daemon, what: string): string {
	return [`Expected ${daemon.name} ${what}`, ...printRows(evidenceOf(daemon))].join('\n');
}

function evidenceOf(daemon: Daemon): readonly EvidenceRow[] {
	if (daemon.signal.aborted) return daemon.signal.reason.evidence;
	const pid: EvidenceRow = ['pid', `${daemon.pid ?? 'none'}   ${daemon.isAlive() ? 'running' : 'gone'}`];
	return [pid, ...logOf(daemon)];
}

function logOf(daemon: Daemon): readonly EvidenceRow[] {
	try {
		return daemon.log.evidence();
	} catch (error) {
		if (error instanceof InvalidOptionError) return [];
		throw error;
	}
}
