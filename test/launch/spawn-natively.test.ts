import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { describe, expect, test, vi } from 'vitest';
import type { Launcher, Spawned, SpawnRequest } from '../../src/launch/spawn.ts';
import { spawnNatively, spawnWatchedNatively } from '../../src/launch/spawn-natively.ts';
import { hasLibc, loadLibc } from '../../src/native/libc.mjs';
import { canSpawn, type SpawningLibc } from '../../src/native/posix-spawn.mjs';
import { fixture } from '../support/fixtures.ts';
import { isGone, ps } from '../support/processes.ts';
import { onTestFinished } from '../support/this-test.ts';

const libc = hasLibc() ? loadLibc() : undefined;
const NULLS = ['null', 'null', 'null'] as const;
const F_SETFD = 2;

function spawningLibc(): SpawningLibc {
	if (libc === undefined || !canSpawn(libc)) throw new TypeError('libc cannot create processes');
	return libc;
}

const tryToSpawn = (argv: SpawnRequest['argv'], stdio: SpawnRequest['stdio'] = NULLS): Launcher | undefined =>
	spawnNatively(spawningLibc(), { argv, cwd: '/usr', env: { A: 'b c' }, stdio });

const shell = (script: string, stdio?: SpawnRequest['stdio']) =>
	tryToSpawn(['/bin/sh', '-c', script], stdio) as Launcher;

// musl lacks a function, and on macOS the sizes and flags are others.
describe.skipIf(libc === undefined || !canSpawn(libc))('a launcher that libc creates', () => {
	test('leads its own session, and its zombie holds that until it is reaped', async () => {
		const launcher = shell('exit 3');
		const { pid } = launcher;
		await expect.poll(() => isGone(pid)).toBe(true);
		expect(ps(pid, 'state', 'sid', 'pgid')).toEqual(['Z', String(pid), String(pid)]);
		const onGone = vi.fn();
		launcher.onGone(onGone);
		expect(launcher.isHeld()).toBe(true);
		await launcher.end();
		await launcher.end();
		expect([launcher.isHeld(), ps(pid, 'state'), onGone.mock.calls]).toEqual([false, [''], [[]]]);
	});

	test('gets no signal if another part of the caller has reaped it, as its pid may be a stranger by then', async () => {
		const launcher = shell('exit 0');
		const status = Buffer.alloc(4);
		expect(libc?.waitpid(launcher.pid, status, 0)).toBe(launcher.pid);
		const kill = vi.spyOn(process, 'kill');
		onTestFinished(() => kill.mockRestore());
		await launcher.end();
		expect([launcher.isHeld(), kill.mock.calls]).toEqual([false, []]);
	});

	test('is ended even if a signal has stopped it', async () => {
		const launcher = shell('kill -STOP $$; sleep 1000');
		await expect.poll(() => ps(launcher.pid, 'state')).toEqual(['T']);
		await launcher.end();
		expect(ps(launcher.pid, 'state')).toEqual(['']);
	});

	test('ignores and blocks no signal, has its own folder and environment, and a socket in both directions', async () => {
		const script = 'read -r line <&3; { echo $line; pwd; env; grep -E "Sig(Blk|Ign)" /proc/self/status; } >&3';
		const launcher = shell(script, [...NULLS, 'socket']);
		launcher.socket(3).write('a line\n');
		const words = await text(launcher.socket(3));
		await launcher.end();
		const none = '0'.repeat(16);
		expect(words.trim().split('\n')).toEqual([
			'a line',
			'/usr',
			'A=b c',
			'PWD=/usr',
			`SigBlk:\t${none}`,
			`SigIgn:\t${none}`,
		]);
	});

	test('gets the descriptors that it is given, whatever numbers they have here, and no other', async () => {
		const inherited = openSync('/dev/zero', 'r');
		libc?.fcntl(inherited, F_SETFD, 0);
		const launcher = tryToSpawn(['/bin/sleep', '1000'], [1, 2, 0, 'null', inherited, 'socket']) as Launcher;
		onTestFinished(() => launcher.end());
		closeSync(inherited);
		const folder = `/proc/${launcher.pid}/fd`;
		const own = (fd: number) => readlinkSync(`/proc/self/fd/${fd}`);
		// posix_spawn(3) returns when the program was executed: its loader still opens and closes libraries then.
		await expect
			.poll(() => readdirSync(folder).map(fd => `${fd} ${readlinkSync(`${folder}/${fd}`)}`))
			.toEqual([`0 ${own(1)}`, `1 ${own(2)}`, `2 ${own(0)}`, '4 /dev/zero', expect.stringMatching(/^5 socket:/)]);
	});

	test('has said what it said before its end, although nobody could read it until then', async () => {
		const launcher = shell('read -r _ <&3; echo last words >&3', [...NULLS, 'socket']);
		let said = '';
		launcher.socket(3).on('data', (bytes: Buffer) => (said += bytes));
		// In the phase of the event loop that reads, all that comes now is read in the turn after this one.
		await stat('/');
		launcher.socket(3).write('go\n');
		// The event loop stands still meanwhile.
		while (!isGone(launcher.pid)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
		await launcher.end();
		expect(said).toBe('last words\n');
	});

	test('is reaped and closed at once if it has ended and was heard', async () => {
		const launcher = shell('exit 0', [...NULLS, 'socket']);
		await expect.poll(() => isGone(launcher.pid), { timeout: 60_000 }).toBe(true);
		const ended = launcher.end(true);
		expect([launcher.isHeld(), launcher.socket(3).destroyed]).toEqual([false, true]);
		await ended;
	});

	test('is left to Node if it cannot be created, or if C would see another text, and no descriptor stays open', () => {
		const before = readdirSync('/proc/self/fd').length;
		const stdio = [...NULLS, 0, 'socket', 'socket'] as const;
		expect(tryToSpawn(['/no/such/file'], stdio)).toBe(undefined);
		expect(tryToSpawn(['/bin/sh', '-c', 'exit 0'], ['null', -1, 'null'])).toBe(undefined);
		expect(tryToSpawn(['/bin/sh', '-c', 'exit 0 # \0'], stdio)).toBe(undefined);
		expect(readdirSync('/proc/self/fd')).toHaveLength(before);
	});

	test('is reaped later if the kernel keeps it for a debugger (with ptrace)', async context => {
		const launcher = shell('read -r line <&3', [...NULLS, 'socket']);
		const tracer = spawn(process.execPath, [fixture('traces-a-process.mjs'), String(launcher.pid)], { env: {} });
		const gone = once(tracer, 'exit');
		const isTraced = await Promise.race([once(tracer.stdout, 'data').then(() => true), gone.then(() => false)]);
		const ended = launcher.end();
		if (isTraced) {
			await ended;
			expect([launcher.isHeld(), ps(launcher.pid, 'state')]).toEqual([true, ['Z']]);
		}
		tracer.stdin.end();
		await gone;
		await expect.poll(() => launcher.isHeld()).toBe(false);
		context.skip(!isTraced, 'no process can be traced here');
	});
});

/** It has a socket at descriptor 0, and ends with the test. */
function watch(script: string): Spawned {
	const stdio = ['socket', 'null', 'null'] as const;
	const request = { argv: ['/bin/sh', '-c', script], cwd: '/', env: {}, stdio } as const;
	const spawned = spawnWatchedNatively(spawningLibc(), request) as Spawned;
	onTestFinished(async () => {
		spawned.socket(0).destroy();
		await spawned.gone;
	});
	return spawned;
}

describe.skipIf(libc === undefined || !canSpawn(libc))('a process that libc creates, and that is watched', () => {
	test('is reaped when it ends, which its socket tells, whatever it has said there', async () => {
		const spawned = watch('read -r word; echo heard >&0; [ "$word" = word ] && ! read -r _');
		const onGone = vi.fn();
		spawned.onGone(onGone);
		expect([spawned.isHeld(), ps(spawned.pid, 'sid', 'pgid')]).toEqual([true, [`${spawned.pid}`, `${spawned.pid}`]]);
		spawned.socket(0).end('word\n');
		expect(await spawned.gone).toBe(null);
		expect([spawned.isHeld(), ps(spawned.pid, 'state'), onGone.mock.calls]).toEqual([false, [''], [[null]]]);
	});

	test('tells which signal has ended it, whoever asks when, although it has not read what it was sent', async () => {
		const spawned = watch('exec sleep 1000');
		spawned.socket(0).write('never read\n');
		process.kill(spawned.pid, 'SIGTERM');
		expect(await spawned.gone).toBe('SIGTERM');
		expect(await new Promise(resolve => spawned.onGone(resolve))).toBe('SIGTERM');
	});

	test('is reaped later if its socket closes before its end', async () => {
		const spawned = watch('exec <&-; exec sleep 1000');
		const onGone = vi.fn();
		spawned.onGone(onGone);
		await once(spawned.socket(0), 'close');
		expect([spawned.isHeld(), onGone.mock.calls]).toEqual([true, []]);
		process.kill(spawned.pid, 'SIGKILL');
		expect(await spawned.gone).toBe('SIGKILL');
	});

	test('is gone without a signal if another part of the caller has reaped it', async () => {
		const spawned = watch('exec sleep 1000');
		process.kill(spawned.pid, 'SIGKILL');
		const status = Buffer.alloc(4);
		expect(libc?.waitpid(spawned.pid, status, 0)).toBe(spawned.pid);
		expect([await spawned.gone, spawned.isHeld()]).toEqual([null, false]);
	});

	test('does not run if it cannot be created, and then no descriptor stays open', () => {
		const before = readdirSync('/proc/self/fd').length;
		const request = { argv: ['/no/such/file'], cwd: '/', env: {}, stdio: ['socket', 'null', 'null'] } as const;
		expect(spawnWatchedNatively(spawningLibc(), request)).toBe(undefined);
		expect(readdirSync('/proc/self/fd')).toHaveLength(before);
	});
});
