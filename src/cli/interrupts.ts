/** SIGINT, SIGTERM and SIGHUP: the first one asks for an end, the next one forces it. */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { now } from '../time/clock.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interruptible {
	/** Called at the first signal. */
	ask(signal: NodeJS.Signals): void;
	/** Called at each later signal, unless it is taken for something else. */
	force(): void;
	/** Whether Ctrl-C may mean something else, as in the prompt of psql: then only two in a row force an end. */
	isInteractive(): boolean;
}

/** Two Ctrl-C within this time are one request to end by force. */
const IN_A_ROW_MS = 2000;

/** Handles the signals from now on, for the rest of the process. Returns the first one that has come, if any. */
export function handleInterrupts(work: Interruptible): () => NodeJS.Signals | undefined {
	let first: NodeJS.Signals | undefined;
	let lastAt = Number.NEGATIVE_INFINITY;
	const onSignal = (signal: NodeJS.Signals) => {
		const isInRow = now() - lastAt <= IN_A_ROW_MS;
		lastAt = now();
		const isAgain = first !== undefined && (isInRow || signal !== 'SIGINT' || !work.isInteractive());
		first ??= signal;
		if (isAgain) work.force();
		else work.ask(signal);
	};
	for (const signal of SIGNALS) process.on(signal, onSignal);
	return () => first;
}

export const toExitCode = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];

/**
 * Whether the terminal sends Ctrl-C to CMD, too, as both are in its foreground: then CMD must not get it twice, which
 * many programs take for a request to end by force.
 */
export function isInForeground(): boolean {
	try {
		// proc_pid_stat(5): the fields 5 and 8 are the process group, and the foreground group of the terminal.
		const stat = readFileSync('/proc/self/stat', 'latin1');
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		return fields[5] !== '-1' && fields[2] === fields[5];
	} catch {
		// ENOENT: there is no /proc on macOS.
		return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
	}
}
