/** Says what is wrong with a config file that cannot be loaded, and where in the user's own files. */
import { spawnSync } from 'node:child_process';
import { basename, join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { types } from 'node:util';

/** The message, and the frames of the user's own files as far as the config file. */
export function describeLoadError(error: unknown, file: string): string {
	if (!types.isNativeError(error)) return String(error);
	const stack = String(error.stack ?? error.message);
	const end = stack.includes(error.message) ? stack.indexOf(error.message) + error.message.length : 0;
	const head = end === 0 ? String(error) : stack.slice(0, end).replace(/\n{2,}/g, '\n');
	const frames = stack.slice(end).split('\n').filter(isOfUser);
	// The frames below the config file show only who has loaded it.
	const last = frames.findLastIndex(frame => frame.includes(file) || frame.includes(pathToFileURL(file).href));
	if (frames.length > 0) return [head, ...frames.slice(0, last + 1 || frames.length)].join('\n');
	if (IS_NO_MODULE.test(head)) return `${head}\n${howToBeModule(file)}`;
	return /^SyntaxError/.test(head) && !file.endsWith('.json') ? withPlace(head, file) : head;
}

/** This file is `config/` or beside it: what is there is no part of the user's project. */
const OWN = join(fileURLToPath(import.meta.url), '../../');

/** `npm init` writes `"type": "commonjs"`, with which Node takes .js and .ts for CommonJS. */
const IS_NO_MODULE = /SyntaxError: (?:Cannot use import statement outside a module|Unexpected token 'export')$/;

function howToBeModule(file: string): string {
	const name = basename(file).replace(/\.([jt]s)$/, '.m$1');
	return `Node does not take it for a module: call it ${name}, or write "type": "module" into package.json`;
}

/** Whether a frame is of the user's own files: not of tsx, which compiles them, or another package. */
const isOfUser = (line: string) =>
	/^\s+at .*:\d+:\d+\)?$/.test(line) && ![`${sep}node_modules${sep}`, OWN, 'node:'].some(other => line.includes(other));

/** A syntax error from `import()` does not say where it is; `node --check` does, and runs nothing. */
function withPlace(head: string, file: string): string {
	const { status, stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8', timeout: LONGEST_MS });
	if (status === 0) return `${head}, in a module that it imports`;
	const [place = '', ...others] = stderr.split('\n');
	const marked = others.findIndex(line => /^\s*\^+\s*$/.test(line));
	return marked === -1 ? head : [place, ...others.slice(0, marked + 1), head].join('\n');
}

/** Only a Node that hangs takes longer. */
const LONGEST_MS = 10_000;

/** Adds the line and the column to an error of `JSON.parse()`: Node 20 only counts the characters before it. */
export function explainJson(error: unknown, text: string): unknown {
	const [, position] = /at position (\d+)$/.exec(error instanceof SyntaxError ? error.message : '') ?? [];
	if (position === undefined) return error;
	const before = text.slice(0, Number(position)).split('\n');
	const place = `(line ${before.length} column ${(before.at(-1) ?? '').length + 1})`;
	return new SyntaxError(`${(error as SyntaxError).message} ${place}`);
}
