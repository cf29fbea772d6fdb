import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { identify, isLost, isOwnAncestor, isRunning, type ProcessIdentity } from '../../src/process/identity.ts';
import { firstWords } from '../support/first-words.ts';
import { ps } from '../support/processes.ts';
import { onTestFinished } from '../support/this-test.ts';

async function start(...argv: [string, ...string[]]): Promise<{ pid: number; end: () => Promise<unknown> }> {
	const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'pipe', 'ignore'] });
	const exit = once(child, 'exit');
	const end = async () => {
		child.kill('SIGKILL');
		await exit;
	};
	onTestFinished(end as () => Promise<void>);
	await once(child, 'spawn');
	return { pid: child.pid ?? 0, end };
}

test('a running process has an identity, and the same one later', async () => {
	const { pid } = await start('sleep', '1000');
	const identity = identify(pid) as ProcessIdentity;
	expect(identity).toEqual({ pid, startTime: expect.stringMatching(/^\d+$/) });
	expect([isRunning(identity), isLost(identity)]).toEqual([true, false]);
});

test.for(['SIGKILL', 'SIGTERM'] as const)('a process is lost from the moment when %s was sent', async signal => {
	const { pid, end } = await start('sleep', '1000');
	const identity = identify(pid) as ProcessIdentity;
	process.kill(pid, signal);
	expect(isLost(identity)).toBe(true);
	await end();
	expect(isLost(identity)).toBe(true);
});

test.skipIf(process.platform !== 'linux')('a process for which other signals are pending is not lost', async () => {
	// The first three have the bits beside that of SIGKILL.
	const signals = ['SIGUSR1', 'SIGSEGV', 'SIGUSR2', 'SIGPIPE', 'SIGTERM'] as const;
	const child = spawn('env', [`--block-signal=${signals.join()}`, 'sh', '-c', 'echo; exec sleep 1000']);
	const exit = once(child, 'exit');
	onTestFinished(async () => {
		child.kill('SIGKILL');
		await exit;
	});
	await once(child.stdout, 'data');
	const identity = identify(child.pid ?? 0) as ProcessIdentity;
	for (const signal of signals) child.kill(signal);
	expect(isLost(identity)).toBe(false);
});

test('a process that is gone is not running', async () => {
	const { pid, end } = await start('sleep', '1000');
	const identity = identify(pid) as ProcessIdentity;
	await end();
	expect(isRunning(identity)).toBe(false);
	expect(identify(pid)).toBeUndefined();
});

test('a zombie is not running, although kill(pid, 0) finds it', async () => {
	// exec replaces the shell by a program that never waits for its child.
	const script = 'exec 3<&0; read -r _ <&3 & echo $!; exec sleep 1000';
	const child = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
	const exit = once(child, 'exit');
	onTestFinished(async () => {
		child.kill('SIGKILL');
		await exit;
	});
	const pid = Number(await firstWords(child));
	const identity = identify(pid) as ProcessIdentity;
	expect(isRunning(identity)).toBe(true);
	// The shell itself would wait for it.
	await expect.poll(() => ps(child.pid as number, 'comm')).toEqual(['sleep']);
	child.stdin.end('\n');
	await expect.poll(() => isRunning(identity)).toBe(false);
	expect(process.kill(pid, 0)).toBe(true);
});

const hasPython = spawnSync('python3', ['--version']).status === 0;

test.skipIf(!hasPython)('a process whose first thread has ended is running (needs python3)', async () => {
	const script =
		'import ctypes, threading, time; threading.Thread(target=lambda: time.sleep(1000)).start(); ' +
		'print("up", flush=True); ctypes.CDLL(None).pthread_exit(None)';
	const child = spawn('python3', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
	const exit = once(child, 'exit');
	onTestFinished(async () => {
		child.kill('SIGKILL');
		await exit;
	});
	await firstWords(child);
	const pid = child.pid ?? 0;
	await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) Z /);
	const identity = identify(pid) as ProcessIdentity;
	expect([isRunning(identity), isLost(identity)]).toEqual([true, false]);
});

test('a process that got the pid of another is not taken for it', () => {
	const identity = identify(process.pid) as ProcessIdentity;
	const before = { ...identity, startTime: String(Number(identity.startTime) - 1) };
	expect([identity, before].map(isRunning)).toEqual([true, false]);
	expect([identity, before].map(isLost)).toEqual([false, true]);
});

test('this process, its parent and the parents above are its own ancestors, and a child is not', async () => {
	const { pid } = await start('sleep', '1000');
	const above = Number(ps(process.ppid, 'ppid')[0]);
	expect([process.pid, process.ppid, above, pid].map(isOwnAncestor)).toEqual([true, true, true, false]);
});
