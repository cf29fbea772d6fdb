import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
	chmodSync,
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { join, parse } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { InvalidOptionError, type Logger, PidFile } from '../../src/index.ts';
import { identify, type ProcessIdentity } from '../../src/process/identity.ts';
import { killAndLog } from '../../src/process/kill-and-log.ts';
import { nullDevice, temporaryFolder } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';

const inFolder = (name = 'daemon.pid') => join(temporaryFolder(), name);

/** A logger that keeps its messages. */
function listening(): { logger: Logger; told: string[] } {
	const told: string[] = [];
	const tell = (message: string) => void told.push(message);
	return { logger: { debug: tell, info: tell, warn: tell, error: tell }, told };
}

/** A process that does nothing. */
async function bystander(): Promise<number> {
	const child = spawn('sleep', ['1000']);
	const exit = once(child, 'exit');
	onTestFinished(async () => {
		child.kill('SIGKILL');
		await exit;
	});
	await once(child, 'spawn');
	return child.pid ?? 0;
}

describe('the name', () => {
	test("comes from the daemon's name, in lower case and with underscores", () => {
		expect(new PidFile({ name: 'My Own Server' }).filename).toBe('my_own_server.pid');
		expect(new PidFile({ name: 'My Own Server', path: '/run' }).filename).toBe('/run/my_own_server.pid');
	});

	test('is the given path, unchanged', () => {
		expect(new PidFile('/run/Daemon.PID').filename).toBe('/run/Daemon.PID');
	});
});

describe('write()', () => {
	test("writes the pid, by default the caller's, and says so", () => {
		const file = new PidFile(inFolder());
		expect([file.exists(), file.pid]).toEqual([false, undefined]);
		file.write();
		expect([file.exists(), file.pid]).toEqual([true, process.pid]);
		expect(readFileSync(file.filename, 'utf8')).toBe(`${process.pid}\n`);
		file.write(4711);
		expect(file.pid).toBe(4711);
	});

	test('gives the file mode 0640, or the given one, whatever the umask is', () => {
		const modeOf = ({ filename }: PidFile) => statSync(filename).mode & 0o777;
		const [usual, open] = [new PidFile(inFolder()), new PidFile({ name: 'x', path: temporaryFolder(), mode: 0o666 })];
		usual.write();
		open.write();
		expect([modeOf(usual), modeOf(open)]).toEqual([0o640, 0o666]);
	});

	test('replaces the file at once, and leaves no draft', () => {
		const file = new PidFile(inFolder());
		file.write(1);
		const before = statSync(file.filename).ino;
		file.write(2);
		expect(statSync(file.filename).ino).not.toBe(before);
		expect(readdirSync(join(file.filename, '..'))).toEqual(['daemon.pid']);
	});

	test('does not follow a symlink, and leaves it', () => {
		const [link, target] = [inFolder('link.pid'), inFolder('target')];
		writeFileSync(target, 'precious');
		symlinkSync(target, link);
		expect(() => new PidFile(link).write()).toThrow(expect.objectContaining({ code: 'ELOOP', path: link }));
		expect(readFileSync(target, 'utf8')).toBe('precious');
	});

	test('fails for a folder, and in a folder that does not exist', () => {
		expect(() => new PidFile(temporaryFolder()).write()).toThrow(expect.objectContaining({ code: 'EISDIR' }));
		expect(() => new PidFile('/no/such/folder/x.pid').write()).toThrow(expect.objectContaining({ code: 'ENOENT' }));
	});

	test('does not change a device', ({ skip }) => {
		const device = nullDevice(temporaryFolder()) ?? skip('root that may not make a device');
		const file = new PidFile(device);
		file.write();
		file.forceDelete();
		expect(lstatSync(device).isCharacterDevice()).toBe(true);
		expect([file.exists(), file.pid, file.delete()]).toEqual([true, undefined, undefined]);
	});
});

describe('delete()', () => {
	test('removes the file only if it holds the pid', () => {
		const file = new PidFile(inFolder());
		file.write(4711);
		expect([file.delete(), existsSync(file.filename)]).toEqual([undefined, true]);
		expect([file.delete(4711), existsSync(file.filename)]).toEqual([file.filename, false]);
		expect(file.delete(4711)).toBeUndefined();
	});

	test('forceDelete() removes it anyway', () => {
		const file = new PidFile(inFolder());
		file.write(4711);
		expect(file.forceDelete()).toBe(file.filename);
		expect(file.forceDelete()).toBeUndefined();
		expect(file.exists()).toBe(false);
	});
});

test('discard() removes whatever the daemon has made of the file, but no folder', () => {
	const [written, gone, folder] = ['a', 'b', 'c'].map(name => new PidFile(inFolder(name))) as [
		PidFile,
		PidFile,
		PidFile,
	];
	writeFileSync(written.filename, 'no pid');
	mkdirSync(folder.filename);
	for (const file of [written, gone, folder]) file.discard();
	expect([written, gone, folder].map(file => file.exists())).toEqual([false, false, true]);
});

test('discard() forgets the process that was launched', async () => {
	const file = new PidFile(inFolder());
	const pid = await bystander();
	file.writeLaunched(identify(pid) as ProcessIdentity);
	const isAliveFor = (modified: Date) => {
		utimesSync(file.filename, modified, modified);
		return file.isAlive();
	};
	const anHourAgo = new Date(Date.now() - 3_600_000);
	expect(isAliveFor(anHourAgo)).toBe(true);
	file.discard();
	writeFileSync(file.filename, `${pid}\n`);
	expect(isAliveFor(anHourAgo)).toBe(false);
});

describe('isAlive()', () => {
	test('is true for a living process, and false without a file or without a process', async () => {
		const file = new PidFile(inFolder());
		expect(file.isAlive()).toBe(false);
		file.write(await bystander());
		expect(file.isAlive()).toBe(true);
		file.write(4194304);
		expect(file.isAlive()).toBe(false);
	});

	test('is false for a process that started after the file was written', async () => {
		const file = new PidFile(inFolder());
		file.write(await bystander());
		const anHourAgo = new Date(Date.now() - 3_600_000);
		utimesSync(file.filename, anHourAgo, anHourAgo);
		expect([file.isAlive(), file.kill('SIGKILL')]).toEqual([false, false]);
	});

	test.each([
		['nothing', ''],
		['words', 'none yet\n'],
		['zero', '0\n'],
		['a negative number', '-1\n'],
		['more', '12ab\n'],
	])('is false for a file with %s in it', (_, content) => {
		const file = new PidFile(inFolder());
		writeFileSync(file.filename, content);
		expect([file.pid, file.isAlive()]).toEqual([undefined, false]);
	});

	test('takes the first line of a file with more, as PostgreSQL writes', async () => {
		const file = new PidFile(inFolder());
		writeFileSync(file.filename, `${await bystander()}\n/var/lib/postgresql\n5432\n`);
		expect(file.isAlive()).toBe(true);
	});

	test.skipIf(process.getuid?.() === 0)('logs a file that may not be read, and is false (not as root)', () => {
		const { logger, told } = listening();
		const file = new PidFile(inFolder(), logger);
		file.write();
		chmodSync(file.filename, 0);
		expect(file.isAlive()).toBe(false);
		expect(told).toEqual([
			expect.stringMatching(/^Writing PID/),
			expect.stringMatching(/^You do not have access to the PID file at '.*': EACCES/),
		]);
	});
});

describe('kill()', () => {
	test('sends the signal, by name with or without SIG, or by number', async () => {
		for (const signal of ['TERM', 'SIGTERM', 'sigterm', 15]) {
			const { logger, told } = listening();
			const file = new PidFile(inFolder(), logger);
			const child = spawn('sleep', ['1000']);
			const exit = once(child, 'exit');
			await once(child, 'spawn');
			file.write(child.pid);
			expect(file.kill(signal)).toBe(true);
			expect(await exit).toEqual([null, 'SIGTERM']);
			expect(told.slice(1)).toEqual([`Killing PID ${child.pid} with SIGTERM`]);
		}
	});

	test('says that there is no file (ENOENT)', () => {
		const { logger, told } = listening();
		const file = new PidFile(inFolder(), logger);
		expect(file.kill()).toBe(false);
		expect(told).toEqual([
			`Could not find a PID file at '${file.filename}'. Most likely the process is no longer running.`,
		]);
	});

	test('says that the process is gone (ESRCH)', () => {
		const { logger, told } = listening();
		const file = new PidFile(inFolder(), logger);
		file.write(4194304);
		expect(file.kill()).toBe(false);
		expect(told).toContain('Failed to kill PID 4194304 with SIGINT: Process is deceased or zombie.');
	});

	test.each(['NOPE', 99, -1, 1.5, Number.NaN, null, {}])(
		'says that there is no such signal as %o (EINVAL)',
		async signal => {
			const { logger, told } = listening();
			const file = new PidFile(inFolder(), logger);
			const pid = await bystander();
			file.write(pid);
			expect(file.kill(signal as string)).toBe(false);
			const name = typeof signal === 'string' ? signal : inspect(signal);
			expect(told.slice(1)).toEqual([
				`Failed to kill PID ${pid} with ${name}: '${name}' is an invalid or unsupported signal number.`,
			]);
		},
	);

	test('with signal 0 answers whether the process is there, and says nothing', async () => {
		const { logger, told } = listening();
		const file = new PidFile(inFolder(), logger);
		expect(file.kill(0)).toBe(false);
		file.write(await bystander());
		expect(file.kill(0)).toBe(true);
		file.write(4194304);
		expect(file.kill(0)).toBe(false);
		expect(told.filter(line => !line.startsWith('Writing'))).toEqual([]);
	});

	test.skipIf(process.getuid?.() === 0)('says that it is not permitted (EPERM, not as root)', () => {
		const { logger, told } = listening();
		expect(killAndLog(1, 'INT', () => undefined, logger)).toBe(false);
		expect(told).toContain('Failed to kill PID 1 with SIGINT: Insufficient permissions.');
	});
});

describe('the settings', () => {
	test('can be assigned, and apply from the next use on', () => {
		const { logger, told } = listening();
		const file = new PidFile('/run/Some Daemon.PID');
		expect([file.name, file.path, file.mode]).toEqual(['Some Daemon', '/run', 0o640]);
		const path = temporaryFolder();
		Object.assign(file, { name: 'My Server', path, mode: 0o600, logger });
		expect(file.write()).toBe(join(path, 'my_server.pid'));
		expect(statSync(file.filename).mode & 0o777).toBe(0o600);
		expect(file.delete()).toBe(file.filename);
		expect(told).toEqual([
			`Writing PID ${process.pid} to the PID file '${file.filename}'`,
			`Deleting the PID file '${file.filename}'`,
		]);
	});

	test("have the program's name and the working directory as their defaults", () => {
		const { name } = parse(process.argv[1] ?? '');
		expect(new PidFile().filename).toBe(`${name.toLowerCase()}.pid`);
	});

	test.each([
		['name', ''],
		['path', undefined],
		['mode', 0o1777],
		['logger', {}],
	])('refuse a %s that is %o, and stay as they are', (option, value) => {
		const file = new PidFile('/run/x.pid');
		expect(() => Object.assign(file, { [option]: value })).toThrow(InvalidOptionError);
		expect(() => Object.assign(file, { [option]: value })).toThrow(`Expected \`${option}\` to be `);
		expect([file.filename, file.mode]).toEqual(['/run/x.pid', 0o640]);
	});
});
