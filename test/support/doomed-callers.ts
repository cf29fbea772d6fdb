/** Callers that end too early, and what must be gone after them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { DaemonOptions } from '../../src/index.ts';
import { pollUntil } from '../../src/time/poll.ts';
import { isGone, ps } from './processes.ts';
import { onTestFinished } from './this-test.ts';
import { environmentForThreads } from './way-to-libc.ts';

export interface DoomedCaller {
	readonly process: ChildProcess & { readonly pid: number };
	/** Its output, line by line. */
	next(): Promise<unknown>;
}

/** What `dies.mjs` prints about its daemon. */
export interface Said {
	readonly pid: number;
	readonly dir: string;
	readonly lines: readonly string[];
}

/**
 * `temporary` is its folder for temporary files and its registry, `flags` are for Node, and `prefix` is a command that
 * starts it.
 */
export function startCaller(
	end: string,
	options: DaemonOptions,
	temporary: string,
	flags: readonly string[] = [],
	prefix: readonly string[] = [],
): DoomedCaller {
	const script = fileURLToPath(new URL('../callers/dies.mjs', import.meta.url));
	const [command = '', ...args] = [...prefix, process.execPath, ...flags, script, end, JSON.stringify(options)];
	const inherited = end.includes('worker') ? environmentForThreads() : process.env;
	const child = spawn(command, args, {
		stdio: ['ignore', 'pipe', 'ignore'],
		env: { ...inherited, TMPDIR: temporary },
	});
	onTestFinished(async () => {
		const reapers = reapersOf(child.pid ?? 0);
		child.kill('SIGKILL');
		// After a test that failed they have to clean up, by a registry in a folder that is removed next.
		await eventually(() => reapers.every(isGone));
	});
	// Read from now on: a line that comes before the iteration would be lost.
	const lines = createInterface(child.stdout as Readable)[Symbol.asyncIterator]();
	const next = async () => {
		const { value } = await lines.next();
		if (value === undefined) throw new Error(`the caller ended without a word: ${child.spawnargs.join(' ')}`);
		return JSON.parse(value);
	};
	return { process: child as DoomedCaller['process'], next };
}

export async function killCaller({ process: caller }: DoomedCaller, signal: NodeJS.Signals): Promise<void> {
	const gone = once(caller, 'exit');
	// False if it has ended already.
	if (caller.kill(signal)) await gone;
}

/** Its pid, and the pids of its children, which it has logged. */
export function familyOf({ pid, lines }: Said): number[] {
	const children = lines.filter(line => line.startsWith('children ')).flatMap(line => line.split(' ').slice(1));
	return [pid, ...children.map(Number)];
}

/** A reaper reports to nobody, so the tests poll until it has finished. */
export async function eventually(check: () => boolean): Promise<void> {
	await pollUntil(check, AbortSignal.timeout(60_000)).catch(() => {
		// The next assertion shows what is missing.
	});
}

/** Expects no process, and no daemon folder or registry in the folder for temporary files. */
export async function expectNothingLeft(pids: readonly number[], temporary: string): Promise<void> {
	const remaining = () => [
		...pids.filter(pid => !isGone(pid)),
		...readdirSync(temporary).filter(name => name.startsWith('withdaemon')),
	];
	expect(pids.length).toBeGreaterThan(0);
	await eventually(() => remaining().length === 0);
	expect(remaining()).toEqual([]);
}

/** The reapers of a caller, asleep. */
function reapersOf(caller: number): number[] {
	return readdirSync('/proc')
		.filter(name => /^\d+$/.test(name))
		.filter(pid => read(pid, 'stat').split(') ')[1]?.split(' ')[1] === String(caller))
		.filter(pid => read(pid, 'cmdline').includes('withdaemon:reaper'))
		.map(Number);
}

/**
 * The reaper of a caller, asleep. It may have to execute another shell first, and has no command line meanwhile.
 *
 * @throws if there is none: the pid 0 would stand for the process group of this test.
 */
export async function reaperOf(caller: number | undefined): Promise<number> {
	await eventually(() => reapersOf(caller ?? 0).length > 0);
	const [reaper, ...others] = reapersOf(caller ?? 0);
	if (reaper === undefined || others.length > 0) throw new Error(`caller ${caller} has ${others.length + 1} reapers`);
	return reaper;
}

/** Kills the reaper of a caller, and then the caller, whose death would wake it. */
export async function killWithReaper(caller: DoomedCaller): Promise<void> {
	const reaper = await reaperOf(caller.process.pid);
	caller.process.kill('SIGSTOP');
	process.kill(reaper, 'SIGKILL');
	await killCaller(caller, 'SIGKILL');
}

/** Kills the reaper of a caller, and waits until the caller has told another one what to do. */
export async function replaceReaper({ process: caller }: DoomedCaller): Promise<number> {
	const first = await reaperOf(caller.pid);
	process.kill(first, 'SIGKILL');
	await eventually(() => reapersOf(caller.pid).some(pid => pid !== first));
	// The caller sleeps in its event loop again. While it starts the reaper, that has another command line.
	await eventually(() => ps(caller.pid, 'state')[0] === 'S');
	return await reaperOf(caller.pid);
}

function read(pid: string, name: string): string {
	try {
		return readFileSync(join('/proc', pid, name), 'latin1');
	} catch {
		// ENOENT, ESRCH: gone by now.
		return '';
	}
}
