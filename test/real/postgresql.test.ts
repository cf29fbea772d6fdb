/** PostgreSQL: a server that refuses to be root, and whose backends lead sessions of their own. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { notified, ShutdownTimeoutError, StartupError, startDaemon, withDaemon } from '../../src/index.ts';
import { useDaemon } from '../../src/vitest/index.ts';
import { ps } from '../support/processes.ts';
import { describeServer, expectGone, type Traces, tracesOf } from '../support/real-servers.ts';
import { onTestFinished } from '../support/this-test.ts';
import { callLibc } from '../support/way-to-libc.ts';

const execute = promisify(execFile);
const isRoot = process.getuid?.() === 0;
const idOf = (option: '-u' | '-g', name: string) => spawnSync('id', [option, name], { encoding: 'utf8' }).stdout.trim();
/** The user that root becomes; Debian's package creates one. */
const user = idOf('-u', 'postgres') === '' ? 'nobody' : 'postgres';
const [uid, gid] = [idOf('-u', user), idOf('-g', user)];
/** setpriv(1) replaces itself by the command: the pid stays the same. */
const unprivileged = isRoot ? ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'] : [];
const programs = ['postgres', 'initdb', 'pg_ctl', 'psql', ...(isRoot ? (['setpriv'] as const) : [])] as const;

describeServer('PostgreSQL', programs, ({ postgres, initdb, pg_ctl, psql }) => {
	// Not `{dir}`, because only the caller has access to it.
	const folder = join(tmpdir(), 'postgresql');
	const data = join(folder, 'data');
	const socket = { path: join(folder, '.s.PGSQL.5432') };
	const locks = [socket.path, `${socket.path}.lock`, join(data, 'postmaster.pid')];
	const commandFor = (cluster: string) => [
		...[postgres, '-D', cluster, '-c', 'fsync=off'],
		...['-c', 'listen_addresses=', '-c', `unix_socket_directories=${folder}`],
	];
	const options = {
		name: 'postgres',
		startupCommand: [...unprivileged, ...commandFor(data)],
		lookFor: 'database system is ready to accept connections',
		// SIGINT is the fast shutdown. SIGTERM, the default, is the smart one: it waits for the last client to leave.
		shutdownCommand: 'SIGINT',
		// Before PostgreSQL has read its configuration, its messages would be translated.
		env: { LC_ALL: 'C' },
	};
	const session = ['-XAtq', '-h', folder, '-U', 'postgres', '-d', 'postgres'];
	const query = async (sql: string) => (await execute(psql, [...session, '-c', sql])).stdout.trim();

	beforeAll(async () => {
		mkdirSync(folder);
		if (isRoot) chownSync(folder, Number(uid), Number(gid));
		const create = [initdb, '-D', data, '-U', 'postgres', '-A', 'trust', '--no-locale', '--no-sync'];
		const [command = '', ...args] = [...unprivileged, ...create];
		await execute(command, args, { cwd: '/' });
		// initdb starts PostgreSQL several times.
	}, 240_000);
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	/** A client that stays connected, and the pid of the backend that serves it. */
	async function connectClient() {
		const client = spawn(psql, session, { stdio: 'pipe' });
		const lastWords = text(client.stderr);
		client.stdin.write('select pg_backend_pid();\n');
		const [answer] = await once(client.stdout, 'data');
		// The client notices a lost connection when it uses it.
		return { backend: Number(answer), leave: () => client.stdin.end('select 1;\n'), lastWords };
	}

	test('answers a query, and is gone afterwards with its processes, socket and lock files', async () => {
		const traces = await withDaemon(options, async daemon => {
			expect(await query('select sum(n) from generate_series(1, 3) n')).toBe('6');
			expect(readFileSync(join(data, 'postmaster.pid'), 'latin1')).toMatch(`${daemon.pid}\n${data}\n`);
			expect(locks.filter(existsSync)).toEqual(locks);
			return await tracesOf(daemon, socket);
		});
		expect(traces.children).not.toEqual([]);
		await expectGone(traces);
		expect(locks.filter(existsSync)).toEqual([]);
	});

	test('says itself when it is ready', async () => {
		onTestFinished(callLibc());
		// Root's daemon is another user, who has to be let in first.
		const letIn = ['sh', '-c', 'chmod 711 "$0" && chmod 666 "$NOTIFY_SOCKET" && exec "$@"', '{dir}'];
		const startupCommand = [...(isRoot ? letIn : []), ...options.startupCommand];
		const { lookFor: _, ...others } = options;
		const traces = await withDaemon({ ...others, startupCommand, ready: notified() }, async daemon => {
			expect(await query('select 6')).toBe('6');
			return await tracesOf(daemon, socket);
		});
		await expectGone(traces);
	});

	test('takes the backends of its clients with it, which lead sessions of their own', async () => {
		const { client, traces } = await withDaemon(options, async daemon => {
			const client = await connectClient();
			const traces = await tracesOf(daemon, socket);
			expect(traces.children).toContain(client.backend);
			expect(ps(client.backend, 'sid')).toEqual([String(client.backend)]);
			return { client, traces };
		});
		await expectGone(traces);
		client.leave();
		expect(await client.lastWords).toContain('terminating connection due to administrator command');
	});

	test('ends when pg_ctl asks it to', async () => {
		const shutdownCommand = [...unprivileged, pg_ctl, 'stop', '-D', data, '-m', 'fast'];
		const traces = await withDaemon({ ...options, shutdownCommand }, async daemon => {
			const noted = await tracesOf(daemon, socket);
			await daemon.shutdown();
			expect(await daemon.exited).toEqual({ code: 0, signal: null });
			expect(daemon.log.text()).toMatch(/received fast shutdown request.*database system is shut down/s);
			return noted;
		});
		await expectGone(traces);
		expect(locks.filter(existsSync)).toEqual([]);
	});

	test('is ended by force when SIGTERM leaves it waiting for a client', async () => {
		const seen: { client: Awaited<ReturnType<typeof connectClient>>; traces: Traces }[] = [];
		const run = withDaemon({ ...options, shutdownCommand: 'SIGTERM', shutdownTimeout: 200 }, async daemon => {
			const client = await connectClient();
			seen.push({ client, traces: await tracesOf(daemon, socket) });
		});
		await expect(run).rejects.toThrow(ShutdownTimeoutError);
		await expect(run).rejects.toThrow(/of SIGTERM, and was ended by SIGKILL.*received smart shutdown request/s);
		for (const { client, traces } of seen) {
			client.leave();
			// They lead their own sessions, with a title written over their environment.
			await expectGone(traces);
		}
		expect(seen).toHaveLength(1);
	});

	test('says what is wrong with its data folder', async () => {
		const start = startDaemon({ ...options, startupCommand: [...unprivileged, ...commandFor(folder)] });
		await expect(start).rejects.toThrow(StartupError);
		await expect(start).rejects.toMatchObject({ exit: { code: 2, signal: null } });
		await expect(start).rejects.toThrow(`could not access the server configuration file "${folder}/postgresql.conf"`);
	});

	test.runIf(isRoot)('says that it does not run as root', async () => {
		const start = startDaemon({ ...options, startupCommand: commandFor(data) });
		await expect(start).rejects.toThrow(StartupError);
		await expect(start).rejects.toThrow('"root" execution of the PostgreSQL server is not permitted');
	});

	describe('for a whole suite', () => {
		const starts = new Set<string>();
		let traces: Traces | undefined;
		// Hooks run last in, first out: after the one that stops the server.
		afterAll(async () => {
			if (traces) await expectGone(traces);
		});
		const daemon = useDaemon(options);

		test.each(['its first test', 'its second test'])('is the same in %s', async () => {
			traces = await tracesOf(daemon, socket);
			expect(starts.add(await query('select pg_postmaster_start_time()')).size).toBe(1);
		});
	});
});
