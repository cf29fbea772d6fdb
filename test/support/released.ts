/**
 * Checkouts whose released daemons end with the test, whatever happens in it. Tests that run at the same time have to
 * say themselves to which of them a hook belongs.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type TestContext, vi } from 'vitest';
import { CLI, type CliResult, FOREIGN } from './cli.ts';
import { pathsBelow, removeFolder } from './fixtures.ts';
import { isGone } from './processes.ts';

/** How long a test may poll that starts the program ten times and more: each of these starts a Node process or two. */
export const POLL: { readonly timeout: number } = { timeout: 180_000 };

type Files = Readonly<Record<string, string | object>>;

export interface ReleasingCheckout {
	readonly folder: string;
	/** Runs the program there. */
	run(words: readonly string[], env?: NodeJS.ProcessEnv): Promise<CliResult>;
	/** Starts the program there, without waiting for it. */
	begin(words: readonly string[], env?: NodeJS.ProcessEnv): ChildProcess;
	/** The `status --json` of one daemon. */
	status(name: string): Promise<Record<string, unknown>>;
	/** Sends a daemon that `run` has started a signal, SIGKILL by default, after which it waits until it is gone. */
	kill(name: string, signal?: NodeJS.Signals): Promise<void>;
	/** What is in its temporary folder: registry, logs, PID files. */
	paths(): string[];
}

/** A new folder with these files, objects as JSON, and with a registry of its own unless `temporary` is given. */
export function releasing({ onTestFinished }: TestContext, files: Files = {}, temporary?: string): ReleasingCheckout {
	const folder = mkdtempSync(join(tmpdir(), 'checkout-'));
	const shared = temporary ?? join(folder, 'tmp');
	mkdirSync(shared, { recursive: true });
	for (const [name, content] of Object.entries(files))
		writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
	const begun: ChildProcess[] = [];
	const own = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
	const environment = (env: NodeJS.ProcessEnv) => ({ ...Object.fromEntries(own), TMPDIR: shared, ...env });
	/** By name, as the program has printed them. */
	const pids = new Map<string, number>();
	const run: ReleasingCheckout['run'] = (words, env = {}) =>
		new Promise(done => {
			const options = { cwd: folder, env: environment(env) };
			const child = execFile(process.execPath, [CLI, ...words], options, (_, output, errors) => {
				for (const [, name = '', pid] of output.matchAll(/^(\S+) is ready after .*, pid (\d+)/gm))
					pids.set(name, Number(pid));
				done({ code: child.exitCode, signal: child.signalCode, output, errors });
			});
		});
	const paths = () => pathsBelow(shared);
	onTestFinished(async () => {
		for (const child of begun) child.kill('SIGKILL');
		// Without an entry, nothing was released or it was stopped.
		if (paths().some(path => path.endsWith('.jsonl'))) await run(['stop']);
		await removeFolder(folder);
	});
	const status: ReleasingCheckout['status'] = async name =>
		JSON.parse((await run(['status', name, '--json'])).output)[0];
	return {
		folder,
		run,
		begin: (words, env = {}) => {
			const child = spawn(process.execPath, [CLI, ...words], { cwd: folder, env: environment(env) });
			begun.push(child);
			return child;
		},
		status,
		kill: async (name, signal = 'SIGKILL') => {
			const pid = pids.get(name) ?? 0;
			// The pid 0 would stand for the process group of this test.
			if (pid <= 1) throw new Error(`${name} was not started here`);
			process.kill(pid, signal);
			if (signal === 'SIGKILL') await vi.waitFor(() => expect(isGone(pid)).toBe(true), POLL);
		},
		paths,
	};
}
