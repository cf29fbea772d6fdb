/** Runs the built `withdaemon` in a folder of its own, as a user of a shell would. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, vi } from 'vitest';
import { temporaryFolder } from './fixtures.ts';
import { onTestFinished } from './this-test.ts';
import { leftWith } from './traces.ts';

export interface CliResult {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly output: string;
	readonly errors: string;
}

export interface RunningCli {
	readonly child: ChildProcess;
	readonly ended: Promise<CliResult>;
	/** Resolves when its stdout or its stderr matches. */
	readonly seen: (pattern: RegExp) => Promise<void>;
}

/** The file that the `bin` of package.json names, in the build of this run. */
export const CLI = join(String(process.env['WITHDAEMON_TEST_BUILD']), 'cli', 'main.js');

/** What this machine's CI, terminal or test runner would tell it. */
export const FOREIGN = /^(?:CI|VITEST.*|GITHUB_.*|GITLAB_.*|BUILDKITE.*|NO_COLOR|FORCE_COLOR|AI_AGENT|CLAUDECODE)$/;

/** A new folder with these files; objects become JSON. It has a folder for temporary files, too. */
export function cliFolder(files: Readonly<Record<string, string | object>> = {}): string {
	const folder = temporaryFolder();
	mkdirSync(join(folder, 'tmp'));
	for (const [name, content] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, name)), { recursive: true });
		writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
	}
	return folder;
}

/** It is killed after the test, if it still runs. */
export function startCli(folder: string, words: readonly string[], env: NodeJS.ProcessEnv = {}, cli = CLI): RunningCli {
	return startProgram(folder, [process.execPath, cli, ...words], env);
}

export function startProgram(
	folder: string,
	[file = '', ...args]: readonly string[],
	env: NodeJS.ProcessEnv = {},
	stdin: 'pipe' | 'ignore' = 'ignore',
): RunningCli {
	const own = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
	const all = { ...Object.fromEntries(own), TMPDIR: join(folder, 'tmp'), ...env };
	const child = spawn(file, args, { cwd: folder, stdio: [stdin, 'pipe', 'pipe'], env: all });
	onTestFinished(() => child.kill('SIGKILL'));
	const exited = new Promise<readonly [number | null, NodeJS.Signals | null]>(resolve =>
		child.once('exit', (code, signal) => resolve([code, signal])),
	);
	let sofar = '';
	for (const stream of [child.stdout, child.stderr])
		stream?.on('data', chunk => {
			sofar += chunk;
		});
	const read = async (stream: NodeJS.ReadableStream | null) => (stream ? await text(stream) : '');
	const ended = Promise.all([exited, read(child.stdout), read(child.stderr)]).then(
		([[code, signal], output, errors]) => ({ code, signal, output, errors }),
	);
	const seen = async (pattern: RegExp) =>
		void (await vi.waitFor(() => expect(sofar).toMatch(pattern), { timeout: 60_000 }));
	return { child, ended, seen };
}

export async function runCli(
	folder: string,
	words: readonly string[],
	env: NodeJS.ProcessEnv = {},
): Promise<CliResult> {
	return await startCli(folder, words, env).ended;
}

/** What is in the folder besides the config file: other files, and processes that were started with it. */
export function leftIn(folder: string): string[] {
	return [
		...leftWith(join(folder, 'tmp')),
		...readdirSync(folder).filter(name => !/^(?:tmp|withdaemon\.config\.\w+)$/.test(name)),
	];
}

/** Resolves when a process of the test has made this file. */
export async function untilFile(path: string): Promise<void> {
	// Not `expect.poll`, which needs to know the test.
	await vi.waitFor(() => expect(existsSync(path)).toBe(true), { timeout: 60_000 });
}
