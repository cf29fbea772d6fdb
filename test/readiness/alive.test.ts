import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { attach } from '../../src/launch/attach.ts';
import { whenExecuted } from '../../src/launch/daemon-process.ts';
import { packEnvironment } from '../../src/launch/environment.ts';
import { CHANNEL, launcherArguments } from '../../src/launch/launcher-script.ts';
import { isRunning, type ProcessIdentity } from '../../src/process/identity.ts';
import { readCommandLine } from '../../src/process/table.ts';
import { alive } from '../../src/readiness/alive.ts';
import { makeMarker } from '../../src/survivors/marker.ts';
import { deferred, settlesWithin } from '../../src/time/deadline.ts';
import { checkOf, thisProcess } from '../support/checks.ts';
import { onTestFinished } from '../support/this-test.ts';

const never = new AbortController().signal;

test('liveness is counted from the moment when the command is executed', async () => {
	const executed = deferred<void>();
	const itself = attach({ pid: process.pid, startTime: '' });
	const daemon = { ...thisProcess, process: { ...itself, executed: () => executed.promise } };
	const ready = checkOf(alive({ forMs: 1 })).wait(never, daemon);
	expect(await settlesWithin(ready, 100)).toBe(false);
	executed.resolve();
	expect(await ready).toEqual({});
});

test.each([
	['the forked shell', {}],
	['the program that gives variables of odd names back', { 'a.b': 'c' }],
])('%s is not the command yet', async (_, odd) => {
	const packed = packEnvironment({ PATH: process.env['PATH'], ...odd });
	const options = { marker: makeMarker(), umask: undefined, packedCounts: packed, keepsSocket: false, sockets: 0 };
	const [, , , script = ''] = launcherArguments('test', ['sleep', '1000'], options);
	const [, forked = ''] = /^daemon='(.*)'$/m.exec(script) ?? [];
	// A stand-in for the forked shell that waits first, as if the disk were busy.
	const child = spawn('/bin/sh', ['-c', `read -r go; pid=$$; ${forked}`, 'test', 'sleep', '1000'], {
		env: packed.env,
		stdio: ['pipe', ...Array<'ignore'>(CHANNEL - 1).fill('ignore'), 'pipe', 'pipe'],
	});
	const gone = once(child, 'exit');
	onTestFinished(async () => {
		child.kill('SIGKILL');
		await gone;
	});
	const pid = child.pid ?? 0;
	const executed = whenExecuted(pid);
	expect(await settlesWithin(executed, 100)).toBe(false);
	child.stdin?.end('go\n');
	await executed;
	expect(readCommandLine(pid)).toBe('sleep 1000');
});

test('Node does not count as the command while it calls the hooks', async () => {
	const entry = '/somewhere/entry/main.cjs';
	const child = spawn('sh', ['-c', 'read -r go; exec sleep 1000', 'node', entry], {
		stdio: ['pipe', 'ignore', 'ignore'],
	});
	const gone = once(child, 'exit');
	onTestFinished(async () => {
		child.kill('SIGKILL');
		await gone;
	});
	const pid = child.pid ?? 0;
	const executed = whenExecuted(pid, entry);
	expect(await settlesWithin(executed, 100)).toBe(false);
	child.stdin?.end('go\n');
	await executed;
	expect(readCommandLine(pid)).toBe('sleep 1000');
});

test('a process that has ended ends the wait', async () => {
	const child = spawn('true');
	await once(child, 'exit');
	const gone: ProcessIdentity = { pid: child.pid ?? 0, startTime: '' };
	expect(isRunning(gone)).toBe(false);
	await whenExecuted(gone.pid);
});

test('Node that never comes to the code of the user is waited for no longer than a moment', async () => {
	const itself = attach({ pid: process.pid, startTime: '' });
	const starting = { ...itself, userCodeStarted: new Promise<void>(() => {}), executed: () => Promise.resolve() };
	const ready = checkOf(alive({ forMs: 1 })).wait(never, { ...thisProcess, process: starting });
	expect(await settlesWithin(ready, 60_000)).toBe(true);
});

test('without `lookFor` and log a command has to live for 50 ms', () => {
	expect(checkOf(alive()).name).toBe('50 ms of life');
});
