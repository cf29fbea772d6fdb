import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, constants, mkdirSync, openSync, readFileSync, readSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startDaemon, withDaemon } from '../../src/index.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';

const never = { startupCommand: [fixture('never-ready.sh')] };

/** Why a log at this place is refused before anything is started. */
async function refusalOf(logFile: string, options = {}): Promise<string> {
	return await startDaemon({ ...never, logFile, ...options }).then(
		() => expect.unreachable(),
		(error: Error) => error.message,
	);
}

describe('a log that is a symlink', () => {
	test('is followed if nobody else can have put it there, even to a new file', async () => {
		const folder = temporaryFolder();
		mkdirSync(join(folder, 'logs'));
		symlinkSync('logs/x.log', join(folder, 'link'));
		symlinkSync('link', join(folder, 'x.log'));
		const startupCommand = ['sh', '-c', 'echo ready; exec sleep 1000'];
		const options = { startupCommand, logFile: join(folder, 'x.log'), lookFor: 'ready' };
		expect(await withDaemon(options, ({ log }) => log.lines())).toEqual(['ready']);
		expect(readFileSync(join(folder, 'logs', 'x.log'), 'utf8')).toBe('ready\n');
	});

	test('is followed into the new file after a rotation', async () => {
		const folder = temporaryFolder();
		mkdirSync(join(folder, 'logs'));
		symlinkSync('logs/x.log', join(folder, 'x.log'));
		const startupCommand = ['sh', '-c', 'cd "$1"; sleep 0.1; mv x.log x.1; echo ready >x.log; exec sleep 1000'];
		const options = { startupCommand: [...startupCommand, 'sh', join(folder, 'logs')], lookFor: 'ready' };
		const logFile = join(folder, 'x.log');
		expect(await withDaemon({ ...options, logFile }, ({ log }) => log.lines())).toEqual(['ready']);
	});

	test.for([0o777, 0o720, 0o702])('is refused in a folder that others can write to, by the mode %i', async mode => {
		const folder = temporaryFolder();
		const logFile = join(folder, 'x.log');
		symlinkSync('/dev/null', logFile);
		chmodSync(folder, mode);
		expect(await refusalOf(logFile)).toBe(
			`\`logFile\` has to be a file, a named pipe or a device, but ${logFile} is a symlink in ${folder}, to which others can write.`,
		);
	});

	test('is refused if it leads to itself', async () => {
		const logFile = join(temporaryFolder(), 'x.log');
		symlinkSync(logFile, logFile);
		expect(await refusalOf(logFile)).toMatch(/is a symlink that leads to itself\.$/);
	});
});

test('a folder and the PID file are refused as a log', async () => {
	const folder = temporaryFolder();
	expect(await refusalOf(folder)).toMatch(
		/^`logFile` has to be a file, a named pipe or a device, but .* is a folder\.$/,
	);
	symlinkSync(folder, join(folder, 'same'));
	const [logFile, pidFile] = [join(folder, 'x'), join(folder, 'same', 'x')];
	expect(await refusalOf(logFile, { pidFile })).toBe(
		`\`logFile\` and \`pidFile\` are the same file, ${logFile}: give each its own.`,
	);
});

test('a log that cannot be read is refused if it has to be read', async () => {
	const pipe = join(temporaryFolder(), 'pipe');
	spawnSync('mkfifo', [pipe]);
	const kinds = [
		['/dev/null', 'a device'],
		['/dev/full', 'a device'],
		[pipe, 'a named pipe'],
		['/dev/stderr', "one of the caller's own descriptors"],
	] as const;
	for (const [logFile, kind] of kinds) {
		const because = `reads the log, but ${logFile} is ${kind}, from which nothing can be read: give it a file.`;
		expect(await refusalOf(logFile, { lookFor: 'x' })).toBe(`\`lookFor\` ${because}`);
		expect(await refusalOf(logFile, { inactivityTimeout: 9 })).toBe(`\`inactivityTimeout\` ${because}`);
	}
});

test('a device is accepted as a log if nothing has to read it, and then liveness means ready', async () => {
	for (const logFile of ['/dev/null', '/dev/full', '/dev/stderr']) {
		await withDaemon({ startupCommand: 'sleep 1000', logFile }, daemon => {
			expect(daemon.isAlive()).toBe(true);
			expect(() => daemon.log).toThrow('sleep has no log: give it a `logFile` that is a file.');
		});
	}
});

test('the reader of a named pipe gets the output, and the daemon gets a pipe that blocks', async () => {
	const logFile = join(temporaryFolder(), 'pipe');
	spawnSync('mkfifo', [logFile]);
	const reader = openSync(logFile, constants.O_RDWR | constants.O_NONBLOCK);
	onTestFinished(() => closeSync(reader));
	const startupCommand = ['sh', '-c', 'grep flags /proc/self/fdinfo/1; exec sleep 1000'];
	await withDaemon({ startupCommand, logFile }, async () => {
		const buffer = Buffer.alloc(100);
		const read = () => readSync(reader, buffer);
		await expect.poll(() => attempt(read)).toBeGreaterThan(0);
		const [, flags = ''] = /^flags:\t0(\d+)\n/.exec(buffer.toString()) ?? [];
		expect(Number.parseInt(flags, 8) & constants.O_NONBLOCK).toBe(0);
	});
});

/** Undefined if there is nothing to read yet (EAGAIN). */
function attempt<T>(read: () => T): T | undefined {
	try {
		return read();
	} catch {
		return undefined;
	}
}
