import { spawnSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Daemon, InvalidOptionError, startDaemon, TimeoutError, withDaemon } from '../../src/index.ts';
import { Log } from '../../src/log/log.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';

/** Writes the text that the test sends through a named pipe. */
const echoes = (script: string) => ({ startupCommand: ['sh', '-c', `${script}; exec sleep 1000`] });

describe('what is found', () => {
	test('includes words in colours', async () => {
		const options = { startupCommand: [fixture('prints-ansi.sh')], lookFor: /^server is ready$/ };
		await withDaemon(options, ({ log }) => expect(log.lines()).toEqual(['server is ready']));
	});

	test('includes nothing that was in the log before the start', async () => {
		const logFile = join(temporaryFolder(), 'daemon.log');
		writeFileSync(logFile, 'ready\n');
		const options = { startupCommand: ['echo', 'not yet'], lookFor: 'ready', logFile };
		const run = withDaemon(options, () => expect.unreachable());
		await expect(run).rejects.toThrow('1 line read, no match');
	});
});

test('an error says that a log looks like UTF-16, in which nothing is found', async () => {
	const options = { startupCommand: ['printf', 'r\\0e\\0a\\0d\\0y\\0\\n\\0'], lookFor: 'ready' };
	const run = withDaemon(options, () => expect.unreachable());
	await expect(run).rejects.toThrow(/\n +log +every other byte is NUL, as in UTF-16, but a log is read as UTF-8/);
});

describe('text(), lines(), tail()', () => {
	test('show what was logged since this start', async () => {
		const logFile = join(temporaryFolder(), 'daemon.log');
		writeFileSync(logFile, 'old\n');
		const options = { ...echoes("printf '1\\n2\\n\\033[31m3\\033[0m\\n'"), logFile, lookFor: '3' };
		await withDaemon(options, ({ log }) => {
			expect(log.text()).toBe('1\n2\n\u001B[31m3\u001B[0m\n');
			expect(log.lines()).toEqual(['1', '2', '3']);
			expect(log.tail(2)).toEqual(['2', '3']);
			expect(log.tail(0)).toEqual([]);
		});
	});

	test('start over with every start', async () => {
		await using daemon = await startDaemon({ ...echoes('echo ready'), lookFor: 'ready' });
		appendFileSync(daemon.log.path, 'more\n');
		expect(daemon.log.lines()).toEqual(['ready', 'more']);
		await daemon.restart();
		expect(daemon.log.lines()).toEqual(['ready']);
	});

	test('tail() looks at no more than the last 64 KiB', async () => {
		await using daemon = await startDaemon({ ...echoes('echo ready'), lookFor: 'ready' });
		appendFileSync(daemon.log.path, 'x\n'.repeat(50_000));
		expect(daemon.log.tail(50_000)).toHaveLength((64 * 1024) / 2);
	});

	test('there is no log without `logFile`', () => {
		const daemon = new Daemon({ name: 'x', pidFile: '/dev/null', startupCommand: 'sleep 1' });
		expect(() => daemon.log).toThrow(InvalidOptionError);
	});
});

describe('waitFor()', () => {
	test('finds a line that was there before, and one that comes later', async () => {
		await withDaemon({ ...echoes('echo ready'), lookFor: 'ready' }, async ({ log }) => {
			expect(await log.waitFor('read')).toEqual({ line: 'ready', groups: {} });
			const coming = log.waitFor(/^user (?<name>\w+)/);
			appendFileSync(log.path, 'user bob\n');
			expect(await coming).toEqual({ line: 'user bob', groups: { name: 'bob' } });
		});
	});

	test('rejects when its time is over, with what was logged', async () => {
		await withDaemon({ ...echoes('echo ready'), lookFor: 'ready' }, async ({ log }) => {
			const waiting = log.waitFor('never', { timeout: 20 });
			await expect(waiting).rejects.toThrow(TimeoutError);
			await expect(waiting).rejects.toThrow(/^sh did not log "never" within 20 ms\n.*1 line read.*\n.*\| ready/);
		});
	});

	test('rejects when the daemon ends first', async () => {
		await withDaemon({ ...echoes('echo ready'), lookFor: 'ready' }, async daemon => {
			const waiting = daemon.log.waitFor('never');
			daemon.kill('SIGKILL');
			await expect(waiting).rejects.toThrow('sh ended without having logged "never"');
		});
	});

	test('rejects with the reason of its signal', async () => {
		await withDaemon({ ...echoes('echo ready'), lookFor: 'ready' }, async ({ log }) => {
			const reason = new Error('no longer interested');
			await expect(log.waitFor('never', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
		});
	});
});

describe('follow()', () => {
	test('gives the lines so far and those to come, until the daemon has ended', async () => {
		await withDaemon({ ...echoes('echo ready'), lookFor: 'ready' }, async daemon => {
			const lines: string[] = [];
			for await (const line of daemon.log.follow()) {
				lines.push(line);
				if (line === 'ready') appendFileSync(daemon.log.path, 'one\ntwo\nthree');
				if (line === 'two') daemon.kill('SIGKILL');
			}
			expect(lines).toEqual(['ready', 'one', 'two', 'three']);
		});
	});

	test('keeps both ends of a line that does not end', async () => {
		const script = "head -c 4000000 /dev/zero | tr '\\0' x; echo ' is over'";
		await withDaemon({ ...echoes(script), lookFor: 'is over' }, async ({ log }) => {
			for await (const line of log.follow()) {
				expect(line).toMatch(/^x+…x+ is over$/);
				break;
			}
		});
	});

	test('notes when the first output was seen', async () => {
		const path = join(temporaryFolder(), 'daemon.log');
		const log = new Log(path, { name: 'web', timeout: 0 }, () => undefined);
		log.startOver();
		for await (const line of log.follow()) expect.unreachable(line);
		expect(log.firstOutputAt).toBeUndefined();
		writeFileSync(path, 'one\n');
		for await (const line of log.follow()) expect(line).toBe('one');
		expect(log.firstOutputAt).toBeGreaterThan(0);
		log.startIsOver();
	});

	test('can be left at any time', async () => {
		await withDaemon({ ...echoes('echo ready'), lookFor: 'ready' }, async ({ log }) => {
			for await (const line of log.follow()) {
				expect(line).toBe('ready');
				break;
			}
		});
	});
});

test('without inotify the log is polled, and the error says so', () => {
	// In a new user namespace the number of inotify instances can be set to 0.
	const script = `echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"`;
	const caller = `
		const { withDaemon } = await import(process.env.WITHDAEMON_TEST_BUILD + '/index.js');
		const slow = { startupCommand: ['sh', '-c', 'sleep 0.1; echo ready; exec sleep 1000'] };
		await withDaemon({ ...slow, lookFor: 'ready' }, daemon => console.log(daemon.state));
		await withDaemon({ ...slow, lookFor: 'never', startupTimeout: 1500 }, () => {}).catch(error => console.log(error.message));
	`;
	const args = ['-Ur', 'sh', '-c', script, 'sh', process.execPath, '--input-type=module', '-e', caller];
	const { stdout } = spawnSync('unshare', args, { encoding: 'utf8' });
	expect(stdout).toMatch(/^ready\n/);
	expect(stdout).toMatch(/polled every few ms, as it cannot be watched \(EMFILE\)/);
});
