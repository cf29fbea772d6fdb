/** Runs a program of `test/callers/` as a caller of its own: a plain Node process that uses the built library. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export interface CallerResult {
	readonly output: string;
	readonly errors: string;
	readonly code: number | null;
}

/** `prefix` is what the caller is started through, such as `['bash', '-c', 'exec "$@" 7</dev/null', 'bash']`. */
export async function runCaller(
	name: string,
	args: readonly string[] = [],
	prefix: readonly string[] = [],
): Promise<CallerResult> {
	const script = fileURLToPath(new URL(`../callers/${name}`, import.meta.url));
	const [command = '', ...rest] = [...prefix, process.execPath, script, ...args];
	const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
	const ended = new Promise<number | null>(resolve => child.once('exit', resolve));
	const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
	return { output, errors, code };
}
