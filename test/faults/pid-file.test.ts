import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
	chownSync,
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
	Daemon,
	type DaemonOptions,
	PidFile,
	StartupError,
	StartupTimeoutError,
	startDaemon,
	withDaemon,
} from '../../src/index.ts';
import { lockPidFile } from '../../src/pid-file/lock.ts';
import { fixture, nullDevice } from '../support/fixtures.ts';
import { isGone, ps } from '../support/processes.ts';
import { onTestFinished } from '../support/this-test.ts';
import { watchTraces } from '../support/traces.ts';

const unreached = () => expect.unreachable();
const steady = { startupCommand: [fixture('shows-its-process.sh')], lookFor: 'ready' };

/** A process that belongs to no daemon. */
async function stranger(): Promise<number> {
	const child = spawn('sleep', ['1000'], { env: {} });
	const exit = once(child, 'exit');
	onTestFinished(async () => {
		child.kill('SIGKILL');
		expect(await exit).toEqual([null, 'SIGKILL']);
	});
	await once(child, 'spawn');
	return child.pid ?? 0;
}

/** The daemon runs, and is stopped without an error. */
async function expectLife(options: DaemonOptions, fn: () => void = () => {}): Promise<void> {
	const pid = await withDaemon(options, daemon => {
		expect(daemon.isAlive()).toBe(true);
		fn();
		return daemon.pid;
	});
	expect(isGone(pid)).toBe(true);
}

test('a daemon that removes its PID file is alive, and is stopped', async () => {
	const { folder, left } = watchTraces();
	const pidFile = join(folder, 'x.pid');
	const options = { startupCommand: [fixture('removes-its-pid-file.sh'), '{pidFile}'], lookFor: 'ready', pidFile };
	await expectLife(options, () => expect(existsSync(pidFile)).toBe(false));
	expect(left()).toEqual([]);
});

test('a PID file that the daemon rewrote with its own pid is removed', async () => {
	const { folder, left } = watchTraces();
	const pidFile = join(folder, 'x.pid');
	const startupCommand = [fixture('rewrites-its-pid-file.sh'), '{pidFile}'];
	const check = () => expect(readFileSync(pidFile, 'utf8')).toMatch(/^\d+\n\/var\/lib\/x\n$/);
	await expectLife({ startupCommand, lookFor: 'ready', pidFile }, check);
	expect(left()).toEqual([]);
});

test('a PID file that the daemon rewrote with an unused pid is removed', async () => {
	const { folder, left } = watchTraces();
	const startupCommand = [fixture('rewrites-its-pid-file.sh'), '{pidFile}', '4194304'];
	await expectLife({ startupCommand, lookFor: 'ready', pidFile: join(folder, 'x.pid') });
	expect(left()).toEqual([]);
});

test('a PID file that the daemon rewrote with the pid of another process stays, and so does that one', async () => {
	const { folder, left } = watchTraces();
	const pidFile = join(folder, 'x.pid');
	const other = await stranger();
	const startupCommand = [fixture('rewrites-its-pid-file.sh'), '{pidFile}', String(other)];
	await expectLife({ startupCommand, lookFor: 'ready', pidFile });
	expect(readFileSync(pidFile, 'utf8')).toBe(`${other}\n/var/lib/x\n`);
	expect(isGone(other)).toBe(false);
	expect(left()).toEqual([pidFile]);
});

test('a stale PID file of a process that is gone is taken over and removed', async () => {
	const { folder, left } = watchTraces();
	const pidFile = join(folder, 'x.pid');
	writeFileSync(pidFile, '4194304\n');
	const check = () => expect(readFileSync(pidFile, 'utf8')).not.toBe('4194304\n');
	await expectLife({ ...steady, pidFile }, check);
	expect(left()).toEqual([]);
});

test('a PID file of a recycled pid is taken over, and the stranger that has the pid is left alone', async () => {
	const { folder, left } = watchTraces();
	const pidFile = join(folder, 'x.pid');
	const other = await stranger();
	// Looks as if an older daemon had had that pid.
	writeFileSync(pidFile, `${other}\n`);
	utimesSync(pidFile, 0, 0);
	await expectLife({ ...steady, pidFile });
	expect(isGone(other)).toBe(false);
	expect(left()).toEqual([]);
});

/** A process in a file that is not believed is neither adopted nor signalled: the file counts as stale. */
async function expectDisbelief(pidFile: string, pid: number, reason: string): Promise<void> {
	const told: string[] = [];
	const note = (message: string) => void told.push(message);
	const logger = { debug: note, info: note, warn: note, error: note };
	const daemon = new Daemon({ name: 'x', startupCommand: 'sleep 1000', pidFile, logger });
	expect([daemon.pid, daemon.isAlive(), daemon.kill('SIGKILL'), daemon.kill(0)]).toEqual([
		undefined,
		false,
		false,
		false,
	]);
	await daemon.shutdown();
	await daemon[Symbol.asyncDispose]();
	expect(told.join('\n')).toContain(reason);
	await daemon.startup();
	expect([daemon.pid === pid, readFileSync(pidFile, 'utf8')]).toEqual([false, `${daemon.pid}\n`]);
	// A daemon may write such a file itself: its teardown ends only the daemon.
	writeFileSync(pidFile, `${pid}\n`);
	await daemon[Symbol.asyncDispose]();
	expect([existsSync(pidFile), isGone(pid)]).toEqual([false, false]);
}

test('a PID file that names the caller, an ancestor or process 1 is not believed', async () => {
	const { folder, left } = watchTraces();
	const pidFile = join(folder, 'x.pid');
	const [grandparent] = ps(process.ppid, 'ppid').map(Number);
	for (const pid of [process.pid, process.ppid, grandparent || 1, 1]) {
		writeFileSync(pidFile, `${pid}\n`);
		await expectDisbelief(pidFile, pid, `The PID file '${pidFile}' is not believed: it names `);
	}
	expect(left()).toEqual([]);
});

test('a PID file that names a thread is not believed, and the process of the thread is not signalled', async () => {
	const { folder, left } = watchTraces();
	const pidFile = join(folder, 'x.pid');
	const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { env: {} });
	const exit = once(other, 'exit');
	onTestFinished(async () => {
		other.kill('SIGKILL');
		expect(await exit).toEqual([null, 'SIGKILL']);
	});
	const threads = () => readdirSync(`/proc/${other.pid}/task`).map(Number);
	await expect.poll(() => threads().length).toBeGreaterThan(1);
	const thread = threads().find(id => id !== other.pid) ?? 0;
	writeFileSync(pidFile, `${thread}\n`);
	await expectDisbelief(pidFile, thread, `Failed to kill PID ${thread} with SIGKILL: Process is deceased`);
	expect(isGone(other.pid ?? 0)).toBe(false);
	expect(left()).toEqual([]);
});

test.skipIf(process.getuid?.() !== 0)('a PID file of another user is not believed (as root)', async () => {
	const { folder, left } = watchTraces();
	const pidFile = join(folder, 'x.pid');
	const other = await stranger();
	writeFileSync(pidFile, `${other}\n`);
	chownSync(pidFile, 65_534, 65_534);
	const daemon = new Daemon({ name: 'x', startupCommand: 'sleep 1000', pidFile });
	expect([daemon.isAlive(), daemon.kill('SIGKILL')]).toEqual([false, false]);
	await daemon.startup();
	expect(daemon.pid).not.toBe(other);
	await daemon[Symbol.asyncDispose]();
	expect(isGone(other)).toBe(false);
	expect(left()).toEqual([]);
});

test('a PID file that cannot be read is logged and names no process', async () => {
	const told: string[] = [];
	const note = (message: string) => void told.push(message);
	// A regular file whose first byte is not mapped: EIO.
	const pidFile = `/proc/${process.pid}/mem`;
	const logger = { debug: note, info: note, warn: note, error: note };
	const daemon = new Daemon({ name: 'x', startupCommand: 'sleep 1000', pidFile, logger });
	expect([daemon.pid, daemon.isAlive(), daemon.kill()]).toEqual([undefined, false, false]);
	const line = `You do not have access to the PID file at '${pidFile}': EIO: i/o error, read`;
	expect(told).toEqual([line, line, line]);
});

test('a daemon is recognised although the clock was set after its start and its PID file seems too old', async () => {
	const { folder, left } = watchTraces();
	const pidFile = join(folder, 'x.pid');
	await expectLife({ ...steady, pidFile }, () => {
		utimesSync(pidFile, 0, 0);
		expect(new PidFile(pidFile).isAlive()).toBe(true);
		expect(new Daemon({ name: 'x', startupCommand: 'sleep 1000', pidFile }).isAlive()).toBe(true);
	});
	expect(left()).toEqual([]);
});

/** Nothing may be started, and whatever has the path of the PID file stays unchanged. */
async function expectRefusal(pidFile: string, words: string | RegExp, code: string): Promise<void> {
	const run = withDaemon({ ...steady, pidFile }, unreached);
	await expect(run).rejects.toThrow(StartupError);
	await expect(run).rejects.toThrow(words);
	await expect(run).rejects.toMatchObject({ cause: { code: expect.stringMatching(`^(?:${code})$`), path: pidFile } });
	// The error of a daemon that was launched shows its pid.
	await expect(run).rejects.not.toThrow(/^ +pid /m);
}

test('a PID file in a folder that may not be written to is named before anything is launched', async () => {
	const { left } = watchTraces();
	// No user can create a file there, not even root; EROFS in many containers.
	const pidFile = '/sys/kernel/x.pid';
	await expectRefusal(pidFile, /^shows-its-process.sh could not be started: .*'\/sys\/kernel\/x.pid'/, 'EACCES|EROFS');
	expect(left()).toEqual([]);
});

test('a PID file in a folder that is missing is named before anything is launched', async () => {
	const { folder, left } = watchTraces();
	const pidFile = join(folder, 'no', 'x.pid');
	await expectRefusal(pidFile, `could not be started: the folder of ${pidFile} does not exist (ENOENT)`, 'ENOENT');
	expect(left()).toEqual([]);
});

test('a PID file of a dead daemon that another process took over is left alone, and so is that process', async () => {
	const { folder, left } = watchTraces();
	const options = {
		startupCommand: [fixture('shows-its-process.sh')],
		lookFor: 'ready',
		pidFile: join(folder, 'x.pid'),
	};
	const first = await startDaemon(options);
	process.kill(first.pid, 'SIGKILL');
	await first.exited;
	const second = await startDaemon(options);
	expect([first.isAlive(), first.kill()]).toEqual([false, false]);
	await expect(first[Symbol.asyncDispose]()).rejects.toThrow('was killed by SIGKILL while it was in use');
	expect(second.isAlive()).toBe(true);
	expect(readFileSync(options.pidFile, 'utf8')).toBe(`${second.pid}\n`);
	await second[Symbol.asyncDispose]();
	expect(left()).toEqual([]);
});

test('a PID file that another caller keeps locked for too long is named', async () => {
	const { folder, left } = watchTraces();
	const pidFile = join(folder, 'x.pid');
	const release = await lockPidFile(pidFile, new AbortController().signal);
	const options = { name: 'x', startupCommand: 'sleep 1000', pidFile, startupTimeout: 200 };
	await expect(startDaemon(options)).rejects.toThrow(
		`x could not be started: another caller was busy with its PID file ${pidFile} for 200 ms`,
	);
	release();
	expect(left()).toEqual([]);
});

test('a PID file that is a symlink is refused, and its target is not touched', async () => {
	const { folder, left } = watchTraces();
	const [pidFile, target] = [join(folder, 'link.pid'), join(folder, 'target')];
	writeFileSync(target, 'precious');
	symlinkSync(target, pidFile);
	await expectRefusal(
		pidFile,
		`could not be started: ELOOP: too many symbolic links encountered, open '${pidFile}'`,
		'ELOOP',
	);
	expect([readFileSync(target, 'utf8'), lstatSync(pidFile).isSymbolicLink()]).toEqual(['precious', true]);
	expect(left()).toEqual([pidFile, target]);
});

test('a PID file that is a directory is refused', async () => {
	const { folder, left } = watchTraces();
	const pidFile = join(folder, 'x.pid');
	mkdirSync(pidFile);
	await expectRefusal(
		pidFile,
		`could not be started: ${pidFile} is a folder, where a file is to be written (EISDIR)`,
		'EISDIR',
	);
	expect(left()).toEqual([pidFile]);
});

test('a PID file of /dev/null counts as none, and the device is not changed', async ({ skip }) => {
	const { folder, left } = watchTraces();
	const pidFile = nullDevice(folder) ?? skip('root that may not make a device');
	const before = left();
	const check = () => expect(lstatSync(pidFile).isCharacterDevice()).toBe(true);
	await expectLife({ ...steady, pidFile }, check);
	check();
	expect(left()).toEqual(before);
});

test('a PID file whose folder is removed while the daemon runs does not prevent its teardown', async () => {
	const { folder, left } = watchTraces();
	const run = join(folder, 'run');
	mkdirSync(run);
	const remove = () => rmSync(run, { recursive: true });
	await expectLife({ ...steady, pidFile: join(run, 'x.pid') }, remove);
	expect(left()).toEqual([]);
});

test('a PID file in which a command that daemonizes itself names a stranger is not followed', async () => {
	const { left } = watchTraces();
	const pid = await stranger();
	const startupCommand = `setsid sleep 1000 & echo ${pid} > {pidFile}`;
	const run = withDaemon({ startupCommand, forking: true, startupTimeout: 3000 }, unreached);
	await expect(run).rejects.toThrow(StartupTimeoutError);
	await expect(run).rejects.toThrow(new RegExp(`names process ${pid} \\(.+\\), which this start has not made`));
	expect(isGone(pid)).toBe(false);
	expect(left()).toEqual([]);
});
