/** nginx: a master that leads workers of another user, with a PID file of its own, ended gracefully or fast. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { DaemonExitedError, LeakError, StartupError, startDaemon, withDaemon } from '../../src/index.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { childrenOf, describeServer, expectGone, PATIENTLY, type Traces, tracesOf } from '../support/real-servers.ts';

/** More than the buffers of a socket hold: the sender cannot finish before the receiver. */
const LARGE = 'a'.repeat(16 * 1024 * 1024);

/** A folder with everything that nginx reads and writes; the PID file is named on its command line. */
function makeSite(more = ''): { folder: string; socketPath: string } {
	const folder = temporaryFolder();
	const socketPath = join(folder, 'nginx.sock');
	mkdirSync(join(folder, 'pages'));
	writeFileSync(join(folder, 'pages/index.html'), 'hello\n');
	writeFileSync(join(folder, 'pages/large.txt'), LARGE);
	// If root starts nginx, its workers run as `nobody`.
	for (const path of ['', 'pages']) chmodSync(join(folder, path), 0o755);
	for (const page of ['index.html', 'large.txt']) chmodSync(join(folder, 'pages', page), 0o644);
	const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path temp/${name};`);
	mkdirSync(join(folder, 'temp'));
	writeFileSync(
		join(folder, 'nginx.conf'),
		`daemon off;
		worker_processes 2;
		error_log stderr notice;
		events {}
		http {
			access_log off;
			${temporary.join(' ')}
			server { listen unix:${socketPath}; root pages; }
		}
		${more}`,
	);
	return { folder, socketPath };
}

async function request(socketPath: string, path: string): Promise<IncomingMessage> {
	return await new Promise((resolve, reject) => {
		get({ socketPath, path, agent: false }, resolve).once('error', reject);
	});
}

describeServer('nginx', ['nginx'], programs => {
	const commandFor = (folder: string) => [programs.nginx, '-p', folder, '-c', 'nginx.conf', '-g', 'pid {pidFile};'];
	const lookFor = /start worker process \d+/;
	/** nginx forks them one after the other, and may be ready in between. */
	const untilAllWork = (master: number) => expect.poll(() => childrenOf(master), PATIENTLY).toHaveLength(2);

	test('serves a page, and is gone afterwards with its workers', async () => {
		const { folder, socketPath } = makeSite();
		const traces = await withDaemon({ startupCommand: commandFor(folder), lookFor }, async daemon => {
			expect(await text(await request(socketPath, '/index.html'))).toBe('hello\n');
			await untilAllWork(daemon.pid);
			return await tracesOf(daemon, { path: socketPath });
		});
		await expectGone(traces);
	});

	test('ends when its own command finds it by its PID file', async () => {
		const { folder, socketPath } = makeSite();
		const startupCommand = commandFor(folder);
		const options = { startupCommand, shutdownCommand: [...startupCommand, '-s', 'quit'], lookFor };
		const traces = await withDaemon(options, async daemon => {
			await untilAllWork(daemon.pid);
			const noted = await tracesOf(daemon, { path: socketPath });
			await daemon.shutdown();
			expect(await daemon.exited).toEqual({ code: 0, signal: null });
			expect(daemon.log.text()).toMatch(/signal 3 \(SIGQUIT\) received from \d+, shutting down/);
			return noted;
		});
		await expectGone(traces);
	});

	test('writes its PID file itself, and removes it', async () => {
		const { folder, socketPath } = makeSite();
		await withDaemon({ startupCommand: commandFor(folder), lookFor }, async daemon => {
			const { pidFile } = await tracesOf(daemon, { path: socketPath });
			expect(readFileSync(pidFile, 'latin1')).toBe(`${daemon.pid}\n`);
			daemon.kill('SIGQUIT');
			await daemon.exited;
			// The library would not have removed it before the teardown.
			expect(existsSync(pidFile)).toBe(false);
		});
	});

	test('finishes its responses when SIGQUIT ends it', async () => {
		const { folder, socketPath } = makeSite();
		const options = { startupCommand: commandFor(folder), shutdownCommand: 'SIGQUIT', lookFor } as const;
		const traces = await withDaemon(options, async daemon => {
			await untilAllWork(daemon.pid);
			const noted = await tracesOf(daemon, { path: socketPath });
			const response = await request(socketPath, '/large.txt');
			const end = daemon.shutdown();
			await daemon.log.waitFor('gracefully shutting down');
			expect(daemon.isAlive()).toBe(true);
			expect((await text(response)).length).toBe(LARGE.length);
			await end;
			return noted;
		});
		await expectGone(traces);
	});

	test('stays the same daemon through a reload, and takes its new workers with it', async () => {
		const { folder, socketPath } = makeSite();
		const traces = await withDaemon({ startupCommand: commandFor(folder), lookFor }, async daemon => {
			await untilAllWork(daemon.pid);
			const before = childrenOf(daemon.pid);
			expect(daemon.kill('SIGHUP')).toBe(true);
			await expect.poll(() => childrenOf(daemon.pid).filter(pid => before.includes(pid)), PATIENTLY).toEqual([]);
			expect(await text(await request(socketPath, '/index.html'))).toBe('hello\n');
			expect(childrenOf(daemon.pid)).toHaveLength(2);
			return await tracesOf(daemon, { path: socketPath });
		});
		await expectGone(traces);
	});

	test('leaves its workers behind when its master is killed, and they are named and stopped', async () => {
		const { folder, socketPath } = makeSite();
		let traces: Traces | undefined;
		const run = withDaemon({ startupCommand: commandFor(folder), lookFor }, async daemon => {
			await untilAllWork(daemon.pid);
			traces = await tracesOf(daemon, { path: socketPath });
			daemon.kill('SIGKILL');
			await daemon.exited;
			expect(await text(await request(socketPath, '/index.html'))).toBe('hello\n');
		});
		const error = await run.catch((reason: unknown) => reason);
		expect(error).toBeInstanceOf(LeakError);
		const worker = { command: 'nginx: worker process', foundBy: 'process group' };
		expect((error as LeakError).survivors).toMatchObject(traces?.children.map(pid => ({ pid, ...worker })) ?? []);
		if (traces) await expectGone(traces);
	});

	test('does not start if it daemonizes itself, and is stopped although it wrote over its environment', async () => {
		const { folder, socketPath } = makeSite();
		const file = join(folder, 'nginx.conf');
		writeFileSync(file, readFileSync(file, 'latin1').replace('daemon off', 'daemon on'));
		// If the PID file named it, the library would find it and ask it to end.
		// Once its master has children, it has written over its environment.
		const script = '"$0" "$@"; until pgrep -P "$(cat {dir}/other.pid)" >/dev/null; do sleep 0.01; done';
		const nginx = [programs.nginx, '-p', folder, '-c', 'nginx.conf', '-g', 'pid {dir}/other.pid;'];
		const startupCommand = ['sh', '-c', script, ...nginx];
		const run = withDaemon({ name: 'nginx', startupCommand, lookFor }, () => new Promise(() => {}));
		await expect(run).rejects.toThrow(/nginx exited with code 0 (?:before it was ready|while it was in use)/);
		await expect(run).rejects.toThrow(/survivor +\d+ {3}nginx: master process .* found by its resource limit/);
		await expect(request(socketPath, '/index.html')).rejects.toThrow(/ECONNREFUSED|ENOENT/);
	});

	test('is followed when it daemonizes itself, and is gone afterwards with its workers', async () => {
		const { folder, socketPath } = makeSite();
		const file = join(folder, 'nginx.conf');
		writeFileSync(file, readFileSync(file, 'latin1').replace('daemon off', 'daemon on'));
		const options = { startupCommand: commandFor(folder), forking: true } as const;
		const traces = await withDaemon(options, async daemon => {
			expect(await text(await request(socketPath, '/index.html'))).toBe('hello\n');
			await untilAllWork(daemon.pid);
			const noted = await tracesOf(daemon, { path: socketPath });
			expect(readFileSync(noted.pidFile, 'latin1')).toBe(`${daemon.pid}\n`);
			return noted;
		});
		await expectGone(traces);
	});

	test('ends the test when it is killed after it has daemonized itself', async () => {
		const { folder } = makeSite();
		const file = join(folder, 'nginx.conf');
		writeFileSync(file, readFileSync(file, 'latin1').replace('daemon off', 'daemon on'));
		// Without a master there are no workers, which would be leaks of a master that is killed.
		const startupCommand = commandFor(folder).map(word => word.replace(';', '; master_process off;'));
		const run = withDaemon({ startupCommand, forking: true }, daemon => {
			process.kill(daemon.pid, 'SIGKILL');
			return new Promise<never>(() => {});
		});
		await expect(run).rejects.toThrow(DaemonExitedError);
		await expect(run).rejects.toThrow('ended with an unknown exit status while it was in use');
	});

	test('says where its configuration is wrong', async () => {
		const { folder } = makeSite('no_such_directive on;');
		const start = startDaemon({ startupCommand: commandFor(folder), lookFor });
		await expect(start).rejects.toThrow(StartupError);
		await expect(start).rejects.toMatchObject({ exit: { code: 1, signal: null } });
		await expect(start).rejects.toThrow(`unknown directive "no_such_directive" in ${folder}/nginx.conf:10`);
	});
});
