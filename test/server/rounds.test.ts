import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Server, type ServerOptions } from '../../src/index.ts';
import { deferred } from '../../src/time/deadline.ts';
import { temporaryFolder } from '../support/fixtures.ts';

const AN_HOUR = 3_600_000;

/** A server that notes its runs. */
function serverWith(options: ServerOptions) {
	return new Server('Clock', { pidFile: join(temporaryFolder(), 'clock.pid'), run() {}, ...options });
}

/** A logger that keeps its warnings. */
function warningsLogger() {
	const warnings: string[] = [];
	const warn = (message: string) => void warnings.push(message);
	return { warnings, debug() {}, info() {}, warn, error() {} };
}

/** A server that waits for its second run, an hour away. */
async function waitingServer(options: ServerOptions = {}) {
	const second = deferred<void>();
	const server: Server = serverWith({
		interval: AN_HOUR,
		run: () => {
			if (server.iterations === 1) second.resolve();
		},
		...options,
	});
	const ended = server.startup();
	while (server.status !== 'waiting') await delay(1);
	return { server, second: second.promise, ended };
}

describe('the number of runs', () => {
	test('is counted, and ends the server if it is limited', async () => {
		const seen: [number, boolean][] = [];
		const diary: string[] = [];
		const server: Server = serverWith({
			maximumIterations: 3,
			run: () => void seen.push([server.iterations, server.hasFinishedIterations()]),
			beforeStopping: () => void diary.push('beforeStopping'),
			afterStopping: () => void diary.push('afterStopping'),
		});
		expect([server.iterations, server.hasFinishedIterations()]).toEqual([0, false]);
		await server.startup();
		expect(seen).toEqual([
			[0, false],
			[1, false],
			[2, false],
		]);
		expect([server.iterations, server.hasFinishedIterations()]).toEqual([3, true]);
		expect(diary).toEqual(['beforeStopping', 'afterStopping']);
		await server.startup();
		expect([server.iterations, seen.length]).toEqual([3, 6]);
	});

	test('does not add a wait after the last run', async () => {
		const server = serverWith({ maximumIterations: 1, interval: AN_HOUR });
		await server.startup();
		expect(server.iterations).toBe(1);
	});

	test('counts those that fail', async () => {
		const options = {
			logger: warningsLogger(),
			run: () => {
				throw new RangeError('of run');
			},
		};
		const once = serverWith(options);
		await expect(once.startup()).rejects.toThrow('of run');
		expect(once.iterations).toBe(1);
		const server = serverWith({ ...options, continueOnError: true, maximumIterations: 2 });
		await server.startup();
		expect(server.iterations).toBe(2);
	});

	test('may be limited while the server waits, and the limit taken back', async () => {
		const { server, ended } = await waitingServer();
		server.maximumIterations = 1;
		await ended;
		expect([server.iterations, server.status]).toEqual([1, 'stopped']);
		server.maximumIterations = undefined;
		expect(server.hasFinishedIterations()).toBe(false);
	});
});

describe('the interval', () => {
	test('affects a wait that is under way when it is assigned', async () => {
		const { server, second, ended } = await waitingServer();
		server.interval = 0;
		await second;
		expect([server.interval, server.strictInterval]).toEqual([0, false]);
		await server.shutdown();
		await ended;
	});

	test('does not end a wait when it is assigned but not shorter', async () => {
		const { server, ended } = await waitingServer();
		server.interval = 2 * AN_HOUR;
		expect(await server.wait(20)).toBe(false);
		expect([server.iterations, server.status]).toEqual([1, 'waiting']);
		await server.shutdown();
		await ended;
	});

	test('counts from the end of a run, or from its start if it is strict', async () => {
		const order: string[] = [];
		const settled = delay(500);
		const startup = (strictInterval: boolean) => {
			const server: Server = serverWith({
				strictInterval,
				interval: 600,
				maximumIterations: 2,
				run: async () => {
					if (server.iterations === 1) order.push(strictInterval ? 'strict' : 'not strict');
					await settled;
				},
			});
			return server.startup();
		};
		await Promise.all([startup(false), startup(true)]);
		expect(order).toEqual(['strict', 'not strict']);
	});

	test('is reported if it is strict and was exceeded, and the next run starts at once', async () => {
		const logger = warningsLogger();
		const options = { logger, interval: 1, maximumIterations: 2, run: () => delay(5) };
		await serverWith({ ...options, strictInterval: true }).startup();
		expect(logger.warnings).toEqual([
			expect.stringMatching(
				/^The run of Clock took \d+ ms, longer than its interval of 1 ms: the next one starts at once$/,
			),
		]);
		await serverWith(options).startup();
		await serverWith({ ...options, strictInterval: true, interval: 0 }).startup();
		await serverWith({ ...options, strictInterval: true, interval: 500, run() {} }).startup();
		expect(logger.warnings).toHaveLength(1);
	});
});

describe('a server', () => {
	test('logs what it does', async () => {
		const seen: string[] = [];
		const note = () => void seen.push(server.status);
		const server: Server = serverWith({
			interval: AN_HOUR,
			beforeStarting: note,
			run: note,
			beforeStopping: note,
			afterStopping: note,
		});
		expect(server.status).toBe('stopped');
		const ended = server.startup();
		while (server.status !== 'waiting') await delay(1);
		await server.shutdown();
		await ended;
		expect(seen).toEqual(['starting', 'running', 'stopping', 'stopping']);
		expect(server.status).toBe('stopped');
		const again = server.startup();
		expect(server.status).toBe('starting');
		await server.shutdown();
		await again;
	});

	test('can be waited for, with and without a limit', async () => {
		const { server, ended } = await waitingServer();
		expect(await server.wait(1)).toBe(false);
		expect(server.isRunning()).toBe(true);
		const waits = Promise.all([server.wait(60_000), server.wait()]);
		void server.shutdown();
		expect(await waits).toEqual([true, true]);
		await ended;
		expect([await server.wait(0), await server.wait()]).toEqual([true, true]);
		await expect(server.wait(-1)).rejects.toThrow('Expected `ms` to be a number of milliseconds from 0 to 2147483647');
	});

	test('is woken at its shutdown while it waits for itself', async () => {
		const seen: boolean[] = [];
		const server: Server = serverWith({
			run: async () => {
				seen.push(await server.wait(1));
				void server.shutdown();
				seen.push(await server.wait(60_000));
			},
		});
		await server.startup();
		expect(seen).toEqual([false, true]);
	});
});
