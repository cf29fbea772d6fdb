/** The phrases of errors: the end of a daemon, rows of evidence, and several failures at once. */
import { types } from 'node:util';
import { printableLines } from './printable.ts';

/**
 * The way a daemon ended: `code` or `signal` says it. Both are `null` if the status is unknown, because the daemon was
 * adopted by its PID file or its launcher was killed. A code of 130 or 141 counts as SIGINT or SIGPIPE, as shells
 * report both the same.
 */
export interface ExitStatus {
	/** The exit code, or `null` if a signal ended it. */
	readonly code: number | null;
	/** The signal that ended it, or `null` if it exited by itself. */
	readonly signal: NodeJS.Signals | null;
}

/** Only the parent of a process learns how it ended. */
export const UNKNOWN_EXIT: ExitStatus = { code: null, signal: null };

/** A phrase such as `exited with code 3`, `was killed by SIGKILL`. */
export function describeExit({ code, signal }: ExitStatus): string {
	if (signal !== null) return `was killed by ${signal}`;
	if (code !== null) return `exited with code ${code}`;
	return 'ended with an unknown exit status';
}

/** The text of a thrown value. Anything can be thrown, even what cannot be turned into text. */
export function textOf(error: unknown): string {
	try {
		return types.isNativeError(error) ? `${error.name}: ${error.message}` : String(error);
	} catch {
		return `something that cannot be shown (${typeof error})`;
	}
}

/** The message of a thrown value, without the name of its class. */
export function messageOf(error: unknown): string {
	return types.isNativeError(error) ? error.message : textOf(error);
}

/** The first line of a thrown value's text. */
export function describeThrown(error: unknown): string {
	const [line = ''] = textOf(error).split('\n');
	return line;
}

/** A row of evidence: a short label and a text. Rows that share a label are printed below each other. */
export type EvidenceRow = readonly [label: string, text: string];

const LABEL_WIDTH = 12;

/** Prints rows as lines, which come below the first line of a message. */
export function printRows(rows: readonly EvidenceRow[]): string[] {
	const lines = rows.map(([label, text], index) => {
		const shown = rows[index - 1]?.[0] === label ? '' : label;
		return `  ${shown.padEnd(LABEL_WIDTH)} ${text.replaceAll('\n', `\n${' '.repeat(LABEL_WIDTH + 3)}`)}`;
	});
	return lines.map(printableLines);
}

/** Adds rows that became known after the error was made. */
export function addEvidence(
	error: Error & { readonly evidence: readonly EvidenceRow[] },
	rows: readonly EvidenceRow[],
): void {
	const [before, stack] = [error.message, error.stack];
	error.message = [before, ...printRows(rows)].join('\n');
	if (stack) error.stack = stack.replace(before, () => error.message);
	Object.defineProperty(error, 'evidence', { value: [...error.evidence, ...rows] });
}

/** Why promises have rejected, for `Promise.allSettled`. */
export const reasonsOf = (results: readonly PromiseSettledResult<unknown>[]): unknown[] =>
	results.flatMap(result => (result.status === 'rejected' ? [result.reason] : []));

/** Throws the only failure, or several ones together, such as those of a test and its teardown: none hides another. */
export function throwAll(errors: readonly unknown[]): void {
	if (errors.length > 1) throw new AggregateError(errors, errors.map(textOf).join('\n\nThen: '));
	for (const only of errors) throw only;
}

export type Protocol = 'tcp' | 'udp';

/** Such as `port 6379` or `UDP port 53`. */
export const namePort = (port: number, protocol: Protocol): string =>
	protocol === 'udp' ? `UDP port ${port}` : `port ${port}`;
