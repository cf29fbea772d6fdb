/** Runs a program of `test/callers/` as a separate caller: a plain Node process that uses the built library. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from './this-test.ts';

export interface CallerResult {
	readonly output: string;
	readonly errors: string;
	readonly code: number | null;
}

/** `prefix` is a command that starts the caller, such as `['bash', '-c', 'exec "$@" 7</dev/null', 'bash']`. */
export async function runCaller(
	name: string,
	args: readonly string[] = [],
	prefix: readonly string[] = [],
): Promise<CallerResult> {
	const script = pathOf(name);
	const [command = '', ...rest] = [...prefix, process.execPath, script, ...args];
	const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
	const ended = new Promise<number | null>(resolve => child.once('exit', resolve));
	const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
	return { output, errors, code };
}

export interface Caller {
	readonly child: ChildProcess;
	/** The next line of its output. */
	line(): Promise<string>;
	/** Ends its stdin, or kills it, and waits for its end. */
	end(signal?: NodeJS.Signals): Promise<void>;
}

/** A caller that stays until its stdin ends or the test is over. */
export function startStayingCaller(name: string, args: readonly string[]): Caller {
	const child = spawn(process.execPath, [pathOf(name), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
	const gone = once(child, 'exit');
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const end = async (signal?: NodeJS.Signals) => {
		if (signal) child.kill(signal);
		child.stdin.end();
		await gone;
	};
	onTestFinished(() => end('SIGKILL'));
	return { child, end, line: async () => String((await lines.next()).value) };
}

const pathOf = (name: string) => fileURLToPath(new URL(`../callers/${name}`, import.meta.url));
