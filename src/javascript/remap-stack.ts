/**
 * Corrects the stack of an error from the daemon's process, so that it shows functions at their place in the user's
 * file.
 */
import { fileURLToPath } from 'node:url';
import type { EvidenceRow } from '../error-text.ts';
import type { Uncaught } from '../launch/daemon-process.ts';
import type { DaemonFunction } from './command.ts';
import { locate } from './function-location.ts';
import { findOutsideVariable } from './function-source.ts';

/** The library's own code in the daemon's process. */
const OURS = ['../bootstrap/', '../native/'].map(room => fileURLToPath(new URL(room, import.meta.url)));

/** A function and its file name in stacks. */
export interface NamedFunction {
	readonly option: string;
	readonly file: string;
	readonly fn: DaemonFunction;
}

export function explainUncaught(error: unknown, functions: readonly NamedFunction[]): Uncaught {
	const hints = functions.flatMap(({ option, file }) => hintFor(option, findOutsideVariable(error, file)));
	for (const named of functions) pointToFile(error, named);
	if (error instanceof Error) hideOurs(error);
	return { error, evidence: [...thrownAt(error), ...hints] };
}

function hintFor(option: string, variable: string | undefined): EvidenceRow[] {
	if (variable === undefined) return [];
	const what = `the function of ${option} refers to \`${variable}\`, which does not exist in the daemon's process`;
	return [['hint', `${what}: import() it inside, pass it in \`args\`, or name a module, as { module, export }`]];
}

/** The place where the user's code threw: the first frame that belongs neither to Node nor to this library. */
function thrownAt(error: unknown): EvidenceRow[] {
	const stack = error instanceof Error ? (error.stack ?? '') : '';
	const frames = stack.matchAll(/^\s+at (?:.* \()?((?:file:\/\/)?\/.*?:\d+:\d+)\)?$/gm);
	const places = [...frames].map(([, place = '']) => place);
	const place = places.find(candidate => !candidate.includes('/node_modules/'));
	return place === undefined ? [] : [['thrown at', place.replace(/^file:\/\//, '')]];
}

/** Removes the frames of the library's code that called the user's. */
function hideOurs(error: Error): void {
	const lines = error.stack?.split('\n') ?? [];
	error.stack = lines.filter(line => !OURS.some(room => line.includes(room))).join('\n');
}

function pointToFile(error: unknown, { file, fn }: NamedFunction): void {
	if (!(error instanceof Error)) return;
	const others: unknown[] = error instanceof AggregateError ? error.errors : [];
	for (const other of [error.cause, ...others]) pointToFile(other, { option: '', file, fn });
	const location = error.stack?.includes(`${file}:`) ? locate(fn) : undefined;
	if (location === undefined) return;
	const [before = '', ...frames] = (error.stack ?? '').split(`${file}:`);
	const moved = frames.map(frame =>
		frame.replace(/^(\d+):(\d+)/, (_, line, column) => {
			const place = location.toFile(Number(line), Number(column));
			return `${location.file}:${place.line}:${place.column}`;
		}),
	);
	error.stack = [before, ...moved].join('');
}
