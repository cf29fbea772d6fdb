/** Ports that the daemon chooses itself, and tells in its log. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { type DaemonOptions, LeakError, type RunningDaemon, StartupError, startDaemon } from '../../src/index.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { listenOn } from '../support/ports.ts';
import { onTestFinished } from '../support/this-test.ts';

const code = `require('net').createServer(socket => socket.end('hello\\n')).listen(Number(process.argv[1]), '127.0.0.1', function () {
	console.log('asked for ' + process.argv[1] + ', on port ' + this.address().port + '.');
})`;
const listens = {
	startupCommand: [process.execPath, '-e', code, '{port}'],
	port: 0,
	lookFor: /on port (?<port>\d+)\./,
};
const greet = (port: number) => text(connect(port, '127.0.0.1'));

async function start(options: Partial<DaemonOptions> = {}): Promise<RunningDaemon> {
	const daemon = await startDaemon({ ...listens, ...options } as DaemonOptions);
	onTestFinished(() => daemon[Symbol.asyncDispose]().catch(() => {}));
	return daemon;
}

test('the daemon is asked to choose, and its port is the one that it logs', async () => {
	const daemon = await start();
	expect(daemon.log.lines()).toEqual([`asked for 0, on port ${daemon.port}.`]);
	expect(await greet(daemon.port)).toBe('hello\n');
	await daemon[Symbol.asyncDispose]();
});

test('a port with a name is captured by the group of that name, and `port` by its own', async () => {
	const daemon = await start({
		startupCommand: [process.execPath, '-e', code, '{ports.http}'],
		port: 'auto',
		env: { PORT: '{port}' },
		ports: { http: 0 },
		ready: [],
		lookFor: /on port (?<http>\d+)\./,
	});
	expect(daemon.ports).toEqual({ http: Number(daemon.captures['http']) });
	expect(daemon.port).not.toBe(daemon.ports['http']);
	expect(await greet(Number(daemon.ports['http']))).toBe('hello\n');
});

test('after a restart the port is the one that was logged last', async () => {
	const daemon = await start();
	await daemon.shutdown();
	const before = daemon.port;
	// While somebody has it, the system cannot choose it again.
	await listenOn(before, '127.0.0.1');
	await daemon.startup();
	expect(daemon.port).not.toBe(before);
	expect(daemon.log.lines()).toEqual([`asked for 0, on port ${daemon.port}.`]);
	expect(await greet(daemon.port)).toBe('hello\n');
	await daemon[Symbol.asyncDispose]();
});

test('nothing may listen on the logged port after the teardown', async () => {
	const daemon = await start();
	await daemon.shutdown();
	await listenOn(daemon.port, '127.0.0.1');
	const end = daemon[Symbol.asyncDispose]();
	await expect(end).rejects.toThrow(LeakError);
	await expect(end).rejects.toMatchObject({ openPorts: [daemon.port] });
});

test('the logged port is filled in where the daemon is asked to end', async () => {
	const file = `${temporaryFolder()}/port`;
	const daemon = await start({ shutdownCommand: `echo {port} > ${file}; kill -s TERM "$(cat {pidFile})"` });
	await daemon[Symbol.asyncDispose]();
	expect(readFileSync(file, 'utf8')).toBe(`${daemon.port}\n`);
});

test.each([
	['(?<port>on)', "the group `port` has captured 'on'"],
	['(?<port>0)', "the group `port` has captured '0'"],
	['(?<port>70000)?', 'the group `port` took no part in the match'],
])('what is captured has to be a port: %s', async (group, why) => {
	const lookFor = new RegExp(`asked for|${group}`);
	const only = group.endsWith('?') ? lookFor : new RegExp(group);
	const started = start({ lookFor: only });
	await expect(started).rejects.toThrow(StartupError);
	await expect(started).rejects.toThrow(`is ready, but on an unknown port: ${why}\n`);
});
