import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { type CoreOptions, Daemon, withDaemon, withDaemons } from '../../src/index.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';

const greet = (port: number | undefined) => text(connect(Number(port), '127.0.0.1'));
const greetings = ['hello\n', 'hello\n'];
/** Listens on the second port long after the first one. */
const late = (...ports: readonly string[]) => ({
	startupCommand: ['sh', '-c', 'echo up; "$0" "$1" & sleep 1; "$0" "$2" & wait', fixture('listens.mjs'), ...ports],
	lookFor: 'up',
});

function make(
	options: Omit<CoreOptions, 'name' | 'pidFile'>,
	pidFile: CoreOptions['pidFile'] = join(temporaryFolder(), 'x.pid'),
): Daemon {
	const daemon = new Daemon({ name: 'x', pidFile, shutdownCommand: 'SIGTERM', ...options });
	onTestFinished(() => daemon[Symbol.asyncDispose]().catch(() => {}));
	return daemon;
}

test.each([
	['{port}', '{ports.http}'],
	['{ports.http}', '{port}'],
])('a daemon that listens on %s and, late, on %s is ready when it accepts connections on both', async (...order) => {
	const options = { ...late(...order), port: 'auto', ports: { http: 'auto' } } as const;
	await withDaemon(options, async ({ port, ports }) => {
		expect(await Promise.all([greet(port), greet(ports['http'])])).toEqual(greetings);
	});
	const { lookFor, ...unlogged } = options;
	const daemon = make({ ...unlogged, logFile: join(temporaryFolder(), 'x.log') });
	await daemon.startup();
	expect(await Promise.all([greet(daemon.port), greet(daemon.ports['http'])])).toEqual(greetings);
});

test('a daemon with a port and `lookFor` has to log its line too', async () => {
	const startupCommand = ['sh', '-c', '"$0" "$1" & sleep 1; echo up; wait', fixture('listens.mjs'), '{port}'];
	await withDaemon({ startupCommand, port: 'auto', lookFor: 'up' }, ({ log }) => {
		expect(log.text()).toContain('up');
	});
});

test('with `ready: []` no port is asked, and an adopted daemon is asked for nothing', async () => {
	const startupCommand = ['sh', '-c', 'exec sleep 1000', '{port}'];
	await withDaemon({ startupCommand, port: 'auto', ready: [] }, () => {});
	const first = make({ startupCommand: ['sleep', '1000'] });
	await first.startup();
	const second = make({ startupCommand: ['sleep', '{port}'], port: 'auto' }, first.pidFile);
	await second.startup();
	expect(second.pid).toBe(first.pid);
});

test('a task of a group is not asked for its port', async () => {
	const task = { startupCommand: ['true', '{port}'], port: 'auto', task: true } as const;
	await withDaemons({ task }, ({ task: { state } }) => expect(state).toBe('stopped'));
});
