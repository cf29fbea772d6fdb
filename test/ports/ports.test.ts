import { spawnSync } from 'node:child_process';
/** The options `port` and `ports`, from the lease to the proof that nothing listens there any more. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
	type CoreOptions,
	Daemon,
	InvalidOptionError,
	LeakError,
	PortInUseError,
	ShutdownCommandError,
	ShutdownTimeoutError,
	StartupError,
	startDaemon,
	withDaemon,
} from '../../src/index.ts';
import { tryLock } from '../../src/lock.ts';
import { readEphemeral } from '../../src/ports/ephemeral-range.ts';
import { takeWarnings } from '../setup/no-warnings.ts';
import { runCaller } from '../support/callers.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { freePort, listenOn, startStranger } from '../support/ports.ts';
import { onTestFinished } from '../support/this-test.ts';

const listens = {
	startupCommand: [fixture('listens.mjs'), '{port}'],
	// For the tests that pass another command.
	env: { PORT: '{port}' },
	lookFor: 'ready',
	port: 'auto',
} as const;
const greet = (port: number, host = '127.0.0.1') => text(connect(port, host));

/** A daemon that is torn down after the test whatever happens; each test checks the end itself. */
function make(options: Partial<CoreOptions> = {}): Daemon {
	const folder = temporaryFolder();
	const [pidFile, logFile] = [join(folder, 'daemon.pid'), join(folder, 'daemon.log')];
	const daemon = new Daemon({ ...listens, name: 'x', pidFile, logFile, ...options });
	onTestFinished(() => daemon[Symbol.asyncDispose]().catch(() => {}));
	return daemon;
}

async function isLeased(port: number): Promise<boolean> {
	const release = await tryLock(`port-${port}`);
	release?.();
	return release === undefined;
}

describe('a port that is handed out', () => {
	test('is the one that the daemon gets, and nothing listens there afterwards', async () => {
		const port = await withDaemon(listens, async daemon => {
			expect(await greet(daemon.port)).toBe('hello\n');
			expect(await isLeased(daemon.port)).toBe(true);
			return daemon.port;
		});
		await expect(greet(port)).rejects.toThrow('ECONNREFUSED');
		expect(await isLeased(port)).toBe(false);
	});

	test('is outside the range of outgoing connections', async () => {
		const { first, last } = readEphemeral();
		await withDaemon(
			{ ...listens, ports: { a: 'auto', b: 'auto' }, env: { AB: '{ports.a} {ports.b}' }, ready: [] },
			({ port, ports }) => {
				expect([port, ports['a'], ports['b']].filter(given => Number(given) >= first && Number(given) <= last)).toEqual(
					[],
				);
			},
		);
	});

	test('is different for each of many daemons at once', async () => {
		// On a busy machine, so many at once take long to start.
		const patient = { ...listens, timeout: 100_000 };
		const daemons = await Promise.all(Array.from({ length: 10 }, () => startDaemon(patient)));
		const ports = daemons.map(({ port }) => port);
		expect(new Set(ports).size).toBe(10);
		expect(await Promise.all(ports.map(port => greet(port)))).toEqual(Array(10).fill('hello\n'));
		await Promise.all(daemons.map(daemon => daemon[Symbol.asyncDispose]()));
	});

	test('stays the same until the teardown, and is a different one after it', async () => {
		const daemon = make();
		await daemon.startup();
		const { port } = daemon;
		await daemon.restart();
		expect([daemon.port, await greet(port)]).toEqual([port, 'hello\n']);
		await daemon.shutdown();
		expect([daemon.port, await isLeased(port)]).toEqual([port, true]);
		await daemon.startup();
		expect(daemon.port).toBe(port);
		await daemon[Symbol.asyncDispose]();
		expect([daemon.port, await isLeased(port)]).toEqual([port, false]);
		await daemon.startup();
		expect(daemon.port).not.toBe(port);
	});

	test('is given back when the start fails', async () => {
		const daemon = make({ startupCommand: [fixture('exits-at-once.sh'), '3'], lookFor: 'never' });
		await expect(daemon.startup()).rejects.toThrow(StartupError);
		expect(await isLeased(daemon.port)).toBe(false);
		const missing = make({ startupCommand: '/no/such/command' });
		await expect(missing.startup()).rejects.toThrow(StartupError);
		expect(await isLeased(missing.port)).toBe(false);
	});
});

describe('what a daemon says of its ports', () => {
	test('are the given ports at once, and the chosen ones from the start on', async () => {
		const port = await freePort();
		expect(make({ port }).port).toBe(port);
		const daemon = make({ ports: { http: 'auto', admin: port }, env: { PORTS: '{ports.http}' }, ready: [] });
		expect(() => daemon.port).toThrow(InvalidOptionError);
		expect(() => daemon.port).toThrow(
			"x has no port: give it a `port`; 'auto' is chosen at its start, and 0 is known when it is ready.",
		);
		expect(daemon.ports).toEqual({ admin: port });
		await daemon.startup();
		expect(daemon.ports).toEqual({ http: expect.any(Number), admin: port });
		expect(await greet(daemon.port)).toBe('hello\n');
	});

	test('is an error if there is none', () => {
		const daemon = make({ startupCommand: 'true', port: undefined, env: {} });
		expect(() => daemon.port).toThrow(InvalidOptionError);
		expect(daemon.ports).toEqual({});
	});

	test('is empty for a daemon that another process started', async () => {
		const first = make();
		await first.startup();
		const second = make({ pidFile: first.pidFile, shutdownCommand: 'kill {port}' });
		await second.startup();
		expect(() => second.port).toThrow('x has no port');
		const refused = expect(second.shutdown()).rejects;
		await refused.toThrow(ShutdownCommandError);
		await expect(second.shutdown()).rejects.toThrow(
			'x could not be asked to end: its shutdownCommand uses {port}, which only the process that started it knows',
		);
		expect(first.isAlive()).toBe(true);
	});

	test('becomes empty when another process has started the daemon meanwhile', async () => {
		const first = make();
		await first.startup();
		await first.shutdown();
		const { port } = first;
		const second = make({ pidFile: first.pidFile });
		await second.startup();
		await first.startup();
		expect([first.pid, second.port === port, await isLeased(port)]).toEqual([second.pid, false, false]);
		expect(() => first.port).toThrow('x has no port');
	});
});

describe('a placeholder', () => {
	test('is filled in in the command, the environment, `cwd` and the arguments of JavaScript', async () => {
		const told = ['{port} {ports.http} ${port} {ports}'];
		const options = {
			env: { PORTS: '{port}/{ports.http}' },
			lookFor: 'told',
			ready: [],
			port: 'auto',
			ports: { http: 'auto' },
		} as const;
		const script = 'echo "$0 $PORTS ${port-unset} told"; exec sleep 1000';
		await withDaemon({ ...options, startupCommand: ['sh', '-c', script, '{port}'] }, daemon => {
			const { port, ports } = daemon;
			expect(daemon.log.lines()).toEqual([`${port} ${port}/${ports['http']} unset told`]);
		});
		const print = (...args: string[]) => setInterval(() => {}, 1000) && console.log(...args, 'told');
		await withDaemon({ ...options, startupCommand: { function: print, args: told } }, daemon => {
			const { port, ports } = daemon;
			expect(daemon.log.lines()).toEqual([`${port} ${ports['http']} \${port} {ports} told`]);
		});
	});

	test('is filled in in the command that asks it to end', async () => {
		const file = join(temporaryFolder(), 'port');
		const shutdownCommand = `echo {port} > ${file}; kill -s INT "$(cat {pidFile})"`;
		const port = await withDaemon({ ...listens, shutdownCommand }, daemon => daemon.port);
		expect(readFileSync(file, 'utf8')).toBe(`${port}\n`);
	});

	test('is filled in in `cwd`', async () => {
		const folder = temporaryFolder();
		await expect(withDaemon({ ...listens, cwd: `${folder}/{port}` }, () => {})).rejects.toThrow(
			/its working directory .*\/\d+ does not exist/,
		);
	});
});

describe('a port on which somebody listens already', () => {
	test.each(['127.0.0.1', '::1', '0.0.0.0', '::'])('is refused before anything is started: %s', async host => {
		const port = await freePort();
		const stranger = await startStranger(port, host);
		const daemon = make({ port });
		const start = daemon.startup();
		await expect(start).rejects.toThrow(PortInUseError);
		await expect(start).rejects.toMatchObject({ code: 'ERR_DAEMON_PORT_IN_USE', port, daemon: 'x' });
		await expect(start).rejects.toThrow(
			`${stranger.pid}   ${process.execPath} ${fixture('listens.mjs')} ${port} ${host}`,
		);
		expect([daemon.state, daemon.pid, existsSync(String(daemon.logFile))]).toEqual(['failed', undefined, false]);
		expect([stranger.exitCode, await greet(port, host.includes(':') ? '::1' : '127.0.0.1')]).toEqual([null, 'hello\n']);
	});

	test('is named, among several', async () => {
		const [port, http] = [await freePort(), await freePort()];
		await listenOn(http, '127.0.0.1');
		const daemon = make({ port, ports: { other: 'auto', http }, env: { OTHER: '{ports.other}' } });
		await expect(daemon.startup()).rejects.toMatchObject({ port: http });
		expect(daemon.ports).toEqual({ http });
	});

	test('is refused at a restart too, if another process took it meanwhile', async () => {
		const daemon = make();
		await daemon.startup();
		await daemon.shutdown();
		const { port } = daemon;
		const stranger = await listenOn(port, '127.0.0.1');
		const start = daemon.startup();
		await expect(start).rejects.toMatchObject({ code: 'ERR_DAEMON_PORT_IN_USE', port });
		// The error is thrown once, not again by the teardown.
		await expect(start).rejects.toMatchObject({ evidence: [[`port ${port}`, expect.any(String)]] });
		stranger.close();
		// The failed start has torn it down.
		await daemon.startup();
		expect(daemon.port).not.toBe(port);
	});

	test('does not prevent the adoption of the daemon that listens there', async () => {
		const port = await freePort();
		const first = make({ port });
		await first.startup();
		const second = make({ port, pidFile: first.pidFile });
		await second.startup();
		expect([second.pid, second.port]).toEqual([first.pid, port]);
		await second[Symbol.asyncDispose]();
		await expect(greet(port)).rejects.toThrow('ECONNREFUSED');
	});

	const isRoot = process.getuid?.() === 0;

	const asNobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];

	test.skipIf(!isRoot)("is named for root even if the listener is another user's (needs root)", async () => {
		const port = await freePort();
		const stranger = await startStranger(port, '127.0.0.1', asNobody);
		await expect(make({ port }).startup()).rejects.toThrow(`port ${port}   ${stranger.pid}   ${process.execPath}`);
	});

	/** Node and the callers may be where other users have no access, such as below root's home. */
	const caller = fileURLToPath(new URL('../callers/prints-its-error.mjs', import.meta.url));
	const [setpriv = '', ...changeUser] = asNobody;
	// env(1) executes the program, because setpriv(1) itself still may execute files of root.
	const look = [...changeUser, 'env', process.execPath, '--check', caller];
	const canRun = isRoot && spawnSync(setpriv, look).status === 0;
	const needs = "needs root, and a Node that is everybody's";

	test.skipIf(!canRun)(`is said to be another user's, where one may not look at it (${needs})`, async () => {
		const port = await freePort();
		await listenOn(port, '::1');
		const folder = temporaryFolder();
		chmodSync(folder, 0o1777);
		const { output, errors } = await runCaller(
			'prints-its-error.mjs',
			[JSON.stringify({ port })],
			// A package that was chosen may be root's.
			[...asNobody, 'env', '-u', 'WITHDAEMON_FFI', `TMPDIR=${folder}`],
		);
		expect(errors).toBe('');
		expect(output).toBe(
			`x cannot have port ${port}: something listens on it already\n  port ${port}   another user's process (uid 0)   listens on ::1\n`,
		);
	});
});

describe('after the teardown', () => {
	/** Takes the port of a daemon that is gone, before its teardown. */
	async function takePort(daemon: Daemon): Promise<Server> {
		await daemon.startup();
		await daemon.shutdown();
		return await listenOn(daemon.port, '::1');
	}

	test('a port that another process has taken is reported, and that process is left alone', async () => {
		const daemon = make();
		const stranger = await takePort(daemon);
		const end = daemon[Symbol.asyncDispose]();
		await expect(end).rejects.toThrow(LeakError);
		await expect(end).rejects.toMatchObject({ survivors: [], openPorts: [daemon.port] });
		expect(await greet(daemon.port, '::1')).toBe('stranger\n');
		expect([stranger.listening, await isLeased(daemon.port)]).toEqual([true, false]);
		// The error is thrown once.
		await daemon[Symbol.asyncDispose]();
	});

	test('a port with a fixed number is checked too', async () => {
		const [port, http] = [await freePort(), await freePort()];
		const daemon = make({ port, ports: { http }, ready: [] });
		await daemon.startup();
		await daemon.shutdown();
		await listenOn(http, '127.0.0.1');
		await expect(daemon[Symbol.asyncDispose]()).rejects.toThrow(`x left port ${http} open`);
	});

	test('`strict: false` makes that a warning', async () => {
		const daemon = make({ strict: false });
		await takePort(daemon);
		await daemon[Symbol.asyncDispose]();
		await expect.poll(takeWarnings).toMatchObject([{ name: 'LeakError', message: expect.stringContaining('open') }]);
	});

	test('survivors and open ports are one error', async () => {
		const daemon = make({ startupCommand: [fixture('forks-children.sh')], ready: [] });
		await takePort(daemon);
		const end = daemon[Symbol.asyncDispose]();
		await expect(end).rejects.toMatchObject({ survivors: [{ command: 'sleep 1000' }], openPorts: [daemon.port] });
		await expect(end).rejects.toThrow(
			new RegExp(
				`^x left a process behind and port ${daemon.port} open\n  survivor .*\n  hint +it ignores SIGINT, .*\n  port ${daemon.port} `,
			),
		);
	});

	test('a refusal and open ports are one error', async () => {
		const daemon = make({ startupCommand: [fixture('ignores-signals.sh'), 'INT'], ready: [], shutdownTimeout: 50 });
		await daemon.startup();
		await listenOn(daemon.port, '::1');
		const end = daemon[Symbol.asyncDispose]();
		await expect(end).rejects.toThrow(ShutdownTimeoutError);
		await expect(end).rejects.toThrow(
			new RegExp(`was ended by SIGTERM\n(?:.*\n)*  port ${daemon.port}   ${process.pid}`),
		);
	});

	test('the error of a failed start says which process has the port', async () => {
		const port = await freePort();
		const steal = `echo $$; while [ ! -e "$0" ]; do sleep 0.01; done; echo 'address already in use'; exit 1`;
		const flag = join(temporaryFolder(), 'taken');
		// Not 'ready', which the word `already` contains.
		const daemon = make({ port, startupCommand: ['sh', '-c', steal, flag], lookFor: 'listens' });
		const start = daemon.startup();
		await expect.poll(() => daemon.pid).toBeDefined();
		await listenOn(port, '127.0.0.1');
		const refused = expect(start).rejects.toThrow(new RegExp(`\n  port ${port}   ${process.pid} \\(this process\\) `));
		writeFileSync(flag, '');
		await refused;
	});

	test('a daemon that was only shut down is not checked', async () => {
		const daemon = make();
		await takePort(daemon);
		expect(await daemon.shutdown()).toBe(daemon);
	});
});
