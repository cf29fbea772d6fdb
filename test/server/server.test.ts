import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { InvalidOptionError, type Logger, PidFile, Server, type ServerOptions } from '../../src/index.ts';
import { deferred } from '../../src/time/deadline.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const;
const handlers = () => SIGNALS.map(signal => process.listenerCount(signal));

/** A server with a PID file of its own, and a diary of what is called. */
function serverWith(options: ServerOptions = {}) {
	const diary: string[] = [];
	const note = (word: string) => () => void diary.push(word);
	const server = new Server('Clock', {
		pidFile: join(temporaryFolder(), 'clock.pid'),
		interval: 60_000,
		run: note('run'),
		beforeStarting: note('beforeStarting'),
		afterStarting: note('afterStarting'),
		beforeStopping: note('beforeStopping'),
		afterStopping: note('afterStopping'),
		...options,
	});
	return { server, diary };
}

/** A logger that keeps its messages. */
function diaryLogger(): Logger & { readonly errors: string[] } {
	const errors: string[] = [];
	return { errors, debug() {}, info() {}, warn() {}, error: message => void errors.push(message) };
}

describe('the life of a server', () => {
	test('calls the hooks before and after starting, run, and the hooks before and after stopping', async () => {
		const started = deferred<void>();
		const { server, diary } = serverWith({ afterStarting: () => started.resolve() });
		const ended = server.startup();
		await started.promise;
		expect(server.isRunning()).toBe(true);
		expect(diary).toEqual(['beforeStarting', 'run']);
		await server.shutdown();
		expect(server.isRunning()).toBe(false);
		expect(diary).toEqual(['beforeStarting', 'run', 'beforeStopping', 'afterStopping']);
		expect(await ended).toBe(server);
	});

	test('waits for async hooks before and after run', async () => {
		const diary: string[] = [];
		const slowly = (word: string) => async () => {
			await delay(5);
			diary.push(word);
		};
		const { server } = serverWith({
			beforeStarting: slowly('beforeStarting'),
			run: () => void diary.push('run'),
			afterStarting: async () => void server.shutdown(),
			beforeStopping: slowly('beforeStopping'),
			afterStopping: slowly('afterStopping'),
		});
		await server.startup();
		expect(diary).toEqual(['beforeStarting', 'run', 'beforeStopping', 'afterStopping']);
	});

	test('leaves no signal handler behind', async () => {
		const before = handlers();
		const { server } = serverWith({ afterStarting: () => expect(handlers()).toEqual(before.map(count => count + 1)) });
		const ended = server.startup();
		await server.shutdown();
		await ended;
		expect(handlers()).toEqual(before);
	});

	test('can be repeated, but not overlap', async () => {
		const { server, diary } = serverWith();
		for (let round = 1; round <= 3; round++) {
			const ended = server.startup();
			expect(await server.startup()).toBe(server);
			await Promise.all([server.shutdown(), server.shutdown(), server.waitForShutdown()]);
			await ended;
			expect(diary.filter(word => word === 'beforeStarting')).toHaveLength(round);
		}
	});

	test('counts as running during its own hooks', async () => {
		const seen: boolean[] = [];
		const { server } = serverWith({
			beforeStarting: () => void seen.push(server.isRunning()),
			run: () => void server.shutdown(),
			afterStopping: () => void seen.push(server.isRunning()),
		});
		await server.startup();
		expect(seen).toEqual([true, true]);
	});

	test('runs nothing if it is stopped before it has begun', async () => {
		const { server, diary } = serverWith();
		const ended = server.startup();
		await server.shutdown();
		await ended;
		expect(diary).not.toContain('run');
	});

	test('can be ended by the server itself, which does not wait for itself', async () => {
		let count = 0;
		const { server, diary } = serverWith({
			interval: 0,
			run: async () => {
				count++;
				if (count === 3) await server.shutdown();
			},
		});
		await server.startup();
		expect(count).toBe(3);
		expect(diary).toEqual(['beforeStarting', 'afterStarting', 'beforeStopping', 'afterStopping']);
	});

	test('lasts while a run is under way, which gets an abort', async () => {
		const diary: string[] = [];
		const running = deferred<void>();
		const { server } = serverWith({
			run: async ({ signal }) => {
				running.resolve();
				await delay(60_000, undefined, { signal }).catch(() => diary.push('run was aborted'));
			},
			afterStopping: () => void diary.push('afterStopping'),
		});
		const ended = server.startup();
		await running.promise;
		await server.shutdown();
		await ended;
		expect(diary).toEqual(['run was aborted', 'afterStopping']);
	});

	test('can be waited for by its own run, until it is to stop', async () => {
		const { server } = serverWith({
			run: () => server.waitForShutdown(),
			afterStarting: () => void server.shutdown(),
			beforeStopping: () => server.waitForShutdown(),
		});
		await server.startup();
	});

	test('is aborted also while a hook waits before the start', async () => {
		const waiting = deferred<void>();
		const { server, diary } = serverWith({
			beforeStarting: async ({ signal }) => {
				waiting.resolve();
				await delay(60_000, undefined, { signal }).catch(() => diary.push('told'));
			},
		});
		const ended = server.startup();
		await waiting.promise;
		await server.shutdown();
		await ended;
		expect(diary).toEqual(['told', 'afterStarting', 'beforeStopping', 'afterStopping']);
	});

	test('does nothing when it is shut down and does not run', async () => {
		const { server, diary } = serverWith();
		expect(await server.shutdown()).toBe(server);
		expect(await server.waitForShutdown()).toBe(server);
		expect(diary).toEqual([]);
	});
});

describe('run', () => {
	test('is repeated when it has settled, never while it is under way', async () => {
		const underWay: number[] = [];
		let running = 0;
		const { server } = serverWith({
			interval: 1,
			run: async () => {
				underWay.push(++running);
				await delay(10);
				running--;
				if (underWay.length === 3) void server.shutdown();
			},
		});
		await server.startup();
		expect(underWay).toEqual([1, 1, 1]);
	});

	test('can be a method of a subclass, or be assigned to one server', async () => {
		class Counter extends Server {
			count = 0;
			override run() {
				this.count++;
				void this.shutdown();
			}
		}
		const pidFile = join(temporaryFolder(), 'x.pid');
		const counter = new Counter('Counter', { pidFile });
		await counter.startup();
		expect(counter.count).toBe(1);
		let called = false;
		counter.run = () => {
			called = true;
			void counter.shutdown();
		};
		await counter.startup();
		expect([called, counter.count]).toEqual([true, 1]);
	});

	test('has its server as `this`', async () => {
		const { server } = serverWith({
			run() {
				(this as Server).shutdown();
			},
		});
		await server.startup();
	});

	test('is logged if it throws, stops the server, and makes startup() reject', async () => {
		const logger = diaryLogger();
		const error = new RangeError('out of time');
		const { server, diary } = serverWith({ logger, run: () => Promise.reject(error) });
		await expect(server.startup()).rejects.toBe(error);
		expect(logger.errors).toEqual([expect.stringMatching(/^Error in run of Clock: RangeError: out of time\n +at /)]);
		expect(diary).toEqual(['beforeStarting', 'afterStarting', 'beforeStopping', 'afterStopping']);
		expect([server.isRunning(), existsSync(server.pidFile.filename), handlers()]).toEqual([false, false, handlers()]);
	});

	test('is logged if it throws, and repeated with continueOnError', async () => {
		const logger = diaryLogger();
		const { server } = serverWith({
			logger,
			interval: 0,
			continueOnError: true,
			run: () => {
				if (logger.errors.length === 2) void server.shutdown();
				else throw new TypeError('again');
			},
		});
		await server.startup();
		expect(logger.errors).toHaveLength(2);
	});

	test('does not fail if the shutdown aborts it', async () => {
		const logger = diaryLogger();
		const { server } = serverWith({
			logger,
			run: ({ signal }) => delay(60_000, undefined, { signal }),
			afterStarting: () => void server.shutdown(),
		});
		await server.startup();
		expect(logger.errors).toEqual([]);
	});

	test('and hooks that throw are all reported, the first one first', async () => {
		const logger = diaryLogger();
		const fails = (word: string) => () => Promise.reject(new RangeError(word));
		const { server } = serverWith({
			logger,
			run: fails('run'),
			beforeStopping: fails('beforeStopping'),
			afterStopping: fails('afterStopping'),
		});
		const error: unknown = await server.startup().catch((reason: unknown) => reason);
		expect((error as AggregateError).errors).toEqual(
			['run', 'beforeStopping', 'afterStopping'].map(word => new RangeError(word)),
		);
		expect(logger.errors).toHaveLength(3);
	});

	test('does not delay the log of an error of afterStarting', async () => {
		const logger = diaryLogger();
		const release = deferred<void>();
		const { server } = serverWith({
			logger: {
				...logger,
				error(message) {
					logger.error(message);
					release.resolve();
				},
			},
			run: () => release.promise,
			afterStarting: () => Promise.reject(new RangeError('port taken')),
		});
		await expect(server.startup()).rejects.toThrow('port taken');
		expect(logger.errors).toHaveLength(1);
	});

	test.each(['beforeStarting', 'afterStarting', 'beforeStopping', 'afterStopping'] as const)(
		'%s that throws stops the server, and is what startup() rejects with',
		async hook => {
			const { server } = serverWith({
				run: () => void server.shutdown(),
				[hook]: () => {
					throw new RangeError(hook);
				},
			});
			const before = handlers();
			await expect(server.startup()).rejects.toThrow(hook);
			expect([server.isRunning(), existsSync(server.pidFile.filename), handlers()]).toEqual([false, false, before]);
		},
	);
});

describe('the PID file', () => {
	test('has the pid of this process and mode 0640 while the server runs, and is removed afterwards', async () => {
		const { server } = serverWith({
			beforeStarting: () => {
				const { filename } = server.pidFile;
				expect(readFileSync(filename, 'utf8')).toBe(`${process.pid}\n`);
				expect(statSync(filename).mode & 0o777).toBe(0o640);
			},
			run: () => void server.shutdown(),
		});
		await server.startup();
		expect(existsSync(server.pidFile.filename)).toBe(false);
	});

	test('is left alone if another process owns it by then', async () => {
		const { server } = serverWith({
			run: () => {
				writeFileSync(server.pidFile.filename, '1\n');
				void server.shutdown();
			},
		});
		await server.startup();
		expect(readFileSync(server.pidFile.filename, 'utf8')).toBe('1\n');
	});

	test('is not taken from a living process', async () => {
		const { server, diary } = serverWith();
		const owner = spawn('sleep', ['1000']);
		onTestFinished(() => void owner.kill('SIGKILL'));
		await once(owner, 'spawn');
		server.pidFile.write(owner.pid);
		const before = handlers();
		await expect(server.startup()).rejects.toMatchObject({ name: 'AlreadyRunningError', pid: owner.pid });
		expect(readFileSync(server.pidFile.filename, 'utf8')).toBe(`${owner.pid}\n`);
		expect([diary, handlers()]).toEqual([[], before]);
	});

	test('is taken over if it names process 1, as a stale one in a container may', async () => {
		const { server } = serverWith({ afterStarting: () => void server.shutdown() });
		server.pidFile.write(1);
		await server.startup();
		expect(existsSync(server.pidFile.filename)).toBe(false);
	});

	test('is refused if an assigned value is not a PID file', () => {
		const { server } = serverWith();
		const assign = () => Object.assign(server, { pidFile: 42 });
		expect(assign).toThrow(InvalidOptionError);
		expect(assign).toThrow('Expected a path or an object, but got 42 (number).');
	});

	test('is named after the server, or is the one that was given', () => {
		const run = () => {};
		expect(new Server('Time Stamp', { run }).pidFile.filename).toBe(join(process.cwd(), 'time_stamp.pid'));
		expect(new Server('x', { run, pidFile: 'y.pid' }).pidFile.filename).toBe(join(process.cwd(), 'y.pid'));
		const pidFile = new PidFile('/run/x.pid');
		expect(new Server('x', { run, pidFile }).pidFile).toBe(pidFile);
		expect(new Server('x', { run, pidFile: '/run/y.pid' }).pidFile.filename).toBe('/run/y.pid');
	});
});

describe('the options of a server', () => {
	test.each([
		[{ intervall: 5 }, 'Unknown option `intervall`, with the value 5 (number). Did you mean `interval`?'],
		[
			{ interval: '5s' },
			'Expected `interval` to be a number of milliseconds from 0 to 2147483647, but got "5s" (string).',
		],
		[{ interval: -1 }, 'Expected `interval` to be a number of milliseconds from 0 to 2147483647, but got -1 (number).'],
		[{ run: 5 }, 'Expected `run` to be a function, but got 5 (number).'],
		[{ pidFile: 5 }, 'Expected `pidFile` to be a path or a PidFile, but got 5 (number).'],
		[{ continueOnError: 1 }, 'Expected `continueOnError` to be a boolean, but got 1 (number).'],
		[
			{ logger: {} },
			'Expected `logger` to be an object with the methods debug, info, warn and error, but got {} (object).',
		],
		[{ strictInterval: 'yes' }, 'Expected `strictInterval` to be a boolean, but got "yes" (string).'],
		[{ maximumIterations: 0 }, 'Expected `maximumIterations` to be a whole number from 1 on, but got 0 (number).'],
		[{ maximumIterations: 1.5 }, 'Expected `maximumIterations` to be a whole number from 1 on, but got 1.5 (number).'],
		[{ maximumIterations: '3' }, 'Expected `maximumIterations` to be a whole number from 1 on, but got "3" (string).'],
		[{ module: new URL('http://x/') }, 'Expected `module` to be a path or a file: URL, but got http://x/ (URL).'],
		[
			{ module: new URL('file:///a%00b.mjs') },
			'Expected `module` to be a path or a file: URL, but got file:///a%00b.mjs (URL).',
		],
		[{ module: 5 }, 'Expected `module` to be a path or a file: URL, but got 5 (number).'],
	])('refuse %j', (options, problem) => {
		const make = () => new Server('x', options as ServerOptions);
		expect(make).toThrow(InvalidOptionError);
		expect(make).toThrow(problem);
	});

	test('are checked when they are assigned, too', () => {
		const { server } = serverWith();
		for (const [name, value] of Object.entries({
			interval: -1,
			strictInterval: 1,
			continueOnError: null,
			logger: {},
		})) {
			const before = Reflect.get(server, name);
			expect(() => Object.assign(server, { [name]: value })).toThrow(`Expected \`${name}\` to be `);
			expect(() => Object.assign(server, { [name]: undefined })).toThrow(`Expected \`${name}\` to be `);
			expect(Reflect.get(server, name)).toBe(before);
		}
		expect(() => Object.assign(server, { maximumIterations: 0 })).toThrow(InvalidOptionError);
	});

	test('include `run`, unless its class has it as a method', () => {
		class Field extends Server {
			override run = () => undefined;
		}
		const none = { beforeStarting: () => {}, hup: () => {}, run: undefined };
		for (const make of [() => new Server('Idle'), () => new Server('Idle', none), () => new Field('Idle')]) {
			expect(make).toThrow(InvalidOptionError);
			expect(make).toThrow(
				'It has no `run`: give it one in its options, or as a method of its class (a field is initialised too late).',
			);
		}
	});

	test('need a name', () => {
		expect(() => new Server('')).toThrow('These options are required: name.');
	});
});
