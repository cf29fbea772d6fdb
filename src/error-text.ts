/** How an error says what happened: how a daemon ended, rows of evidence, and several failures at once. */
import { types } from 'node:util';
import { printableLines } from './printable.ts';

/**
 * The way a daemon ended: one of the two is set. Both are `null` when nobody saw it: the daemon was adopted by its PID
 * file, or its launcher was killed. A code of 130 or 141 is taken for SIGINT or SIGPIPE: shells do not tell them apart.
 */
export interface ExitStatus {
	/** The exit code, or `null` if a signal ended it. */
	readonly code: number | null;
	/** The signal that ended it, or `null` if it exited by itself. */
	readonly signal: NodeJS.Signals | null;
}

/** A phrase such as `exited with code 3`, `was killed by SIGKILL`. */
export function describeExit({ code, signal }: ExitStatus): string {
	if (signal !== null) return `was killed by ${signal}`;
	if (code !== null) return `exited with code ${code}`;
	return 'ended with a status that nobody saw';
}

/** The first line of what an error says about itself. */
export function describeThrown(error: unknown): string {
	const [line = ''] = (types.isNativeError(error) ? `${error.name}: ${error.message}` : String(error)).split('\n');
	return line;
}

/** One line of what is known: a short label and a text. Rows that share a label are printed below each other. */
export type EvidenceRow = readonly [label: string, text: string];

const LABEL_WIDTH = 12;

/** As lines below the first one of a message. */
export function printRows(rows: readonly EvidenceRow[]): string[] {
	const lines = rows.map(([label, text], index) => {
		const shown = rows[index - 1]?.[0] === label ? '' : label;
		return `  ${shown.padEnd(LABEL_WIDTH)} ${text.replaceAll('\n', `\n${' '.repeat(LABEL_WIDTH + 3)}`)}`;
	});
	return lines.map(printableLines);
}

/** Adds what became known after the error was made. */
export function addEvidence(
	error: Error & { readonly evidence: readonly EvidenceRow[] },
	rows: readonly EvidenceRow[],
): void {
	const [before, stack] = [error.message, error.stack];
	error.message = [before, ...printRows(rows)].join('\n');
	if (stack) error.stack = stack.replace(before, () => error.message);
	Object.defineProperty(error, 'evidence', { value: [...error.evidence, ...rows] });
}

/** The test and what came after it failed: neither error hides the other. */
export function severalFailed(errors: readonly unknown[]): AggregateError {
	const messages = errors.map(error =>
		types.isNativeError(error) ? `${error.name}: ${error.message}` : String(error),
	);
	return new AggregateError(errors, messages.join('\n\nThen: '));
}

/** Throws the only one, or all of them as one. */
export function throwAll(errors: readonly unknown[]): void {
	if (errors.length > 1) throw severalFailed(errors);
	for (const only of errors) throw only;
}
