/** What `useDaemon` returns, with and without a daemon behind it. */
import { format, inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { handleFor } from '../../src/hooks/handle.ts';
import { Daemon, InvalidOptionError, type RunningDaemon, startDaemon } from '../../src/index.ts';

describe('a handle without a daemon', () => {
	const handle = handleFor(() => undefined);

	test.for([
		'pid',
		'dir',
		'name',
		'cwd',
		'state',
		'isAlive',
		'pause',
		'resume',
		'stopped',
		'restart',
		'log',
		'port',
		'ports',
	] as const)('has no %s to be read', name => {
		expect(() => handle[name]).toThrow(InvalidOptionError);
	});

	test('says where it can be read', () => {
		expect(() => handle.pid).toThrowErrorMatchingInlineSnapshot(
			`[InvalidOptionError: \`pid\` was read where the daemon of \`useDaemon\` does not run: read it in tests and their hooks, and call \`useDaemon\` outside of them.]`,
		);
	});

	test('can be awaited, printed and compared', async () => {
		expect(await handle).toBe(handle);
		expect(format('%s', handle)).toBe('a daemon that is not running');
		expect(JSON.stringify({ handle })).toBe('{"handle":{}}');
		expect(handle).toBeDefined();
		expect(handle).toBeInstanceOf(Daemon);
		expect(() => expect(handle).toEqual({ a: 1 })).toThrow('to deeply equal { a: 1 }');
		expect(() => expect([handle]).toMatchObject([{ a: 1 }])).toThrow('to match object');
	});
});

describe('a handle of a daemon', () => {
	let daemon: RunningDaemon | undefined;
	const handle = handleFor(() => daemon);

	test('has everything that the daemon has', async () => {
		await using running = await startDaemon({
			startupCommand: ['sh', '-c', 'echo up; exec sleep 1000', '{port}', '{ports.http}'],
			lookFor: 'up',
			ready: [],
			port: 'auto',
			env: { PORTS: '{port} {ports.http}' },
			ports: { http: 'auto' },
		});
		daemon = running;
		const { isAlive, kill, log } = handle;
		expect(isAlive()).toBe(true);
		expect(log.tail()).toEqual(['up']);
		expect(await handle).toBe(handle);
		expect(handle).toBeInstanceOf(Daemon);
		expect(handle).toMatchObject({ name: 'sh', pid: running.pid, state: 'ready' });
		expect([handle.port, handle.ports]).toEqual([running.port, { http: running.ports['http'] }]);
		expect(handle).toMatchObject({ port: running.port });
		expect(inspect(handle)).toBe(inspect(running));
		handle.timeout = 5000;
		expect([running.timeout, handle.shutdownTimeout]).toEqual([5000, 5000]);
		const { pause, resume, stopped } = handle;
		expect(await pause()).toBe(running);
		expect(await resume()).toBe(running);
		expect([await stopped(isAlive), isAlive()]).toEqual([false, true]);
		expect(kill('SIGKILL')).toBe(true);
		expect(await handle.exited).toEqual({ code: null, signal: 'SIGKILL' });
	});
});
