import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Daemon, Server, withDaemon } from '../../src/index.ts';
import { deferred } from '../../src/time/deadline.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { project } from '../support/projects.ts';

const say = (word: string) => `${word}() { console.log('${word}'); }`;
const files = {
	'plain.mjs': `import { Server } from 'withdaemon';
		export default new Server('Plain', { interval: 60_000, run() {}, afterStarting: () => console.log('ready') });`,
	'own.mjs': `import { Server } from 'withdaemon';
		class Own extends Server {
			run() {}
			afterStarting() { console.log('ready'); }
			${['hup', 'int', 'term', 'usr1', 'usr2'].map(say).join('\n')}
		}
		export const server = new Own('Own', { interval: 60_000 });`,
	'throws.mjs': `import { Server } from 'withdaemon';
		export default new Server('Throws', {
			interval: 60_000,
			run() {},
			afterStarting: () => console.log('ready'),
			hup: () => { throw new RangeError('of hup'); },
			usr2: async () => { throw new RangeError('of usr2'); },
		});`,
	'hangs.mjs': `import { Server } from 'withdaemon';
		export default new Server('Hangs', {
			interval: 60_000,
			run() {},
			afterStarting: () => console.log('ready'),
			hup() {
				console.log('hup');
				return new Promise(() => {});
			},
		});`,
};

const serverOf = (module: string, name = 'default') => ({
	startupCommand: { module: join(project(files), module), export: name },
	lookFor: 'ready',
});
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const;

describe('a server without methods for signals', () => {
	test.each(['SIGINT', 'SIGTERM'] as const)(
		'is shut down by %s: it exits with 0, and its PID file is gone',
		async signal => {
			const pidFile = join(temporaryFolder(), 'server.pid');
			const daemon = new Daemon({ name: 'plain', pidFile, logFile: `${pidFile}.log`, ...serverOf('plain.mjs') });
			await daemon.startup();
			daemon.kill(signal);
			expect(await daemon.exited).toEqual({ code: 0, signal: null });
			expect(existsSync(pidFile)).toBe(false);
		},
	);

	test.each(['SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const)('does nothing on %s', async signal => {
		await withDaemon(serverOf('plain.mjs'), async daemon => {
			daemon.kill(signal);
			await daemon.shutdown();
			expect(await daemon.exited).toEqual({ code: 0, signal: null });
			expect(daemon.log.lines()).toEqual(['ready']);
		});
	});
});

test('a server with methods for signals does on each what its method says, and nothing else', async () => {
	await withDaemon({ ...serverOf('own.mjs', 'server'), shutdownCommand: 'SIGKILL' }, async daemon => {
		for (const signal of SIGNALS) {
			daemon.kill(signal);
			await daemon.log.waitFor(new RegExp(`^${signal.slice(3).toLowerCase()}$`));
		}
		expect(daemon.log.lines()).toEqual(['ready', 'hup', 'int', 'term', 'usr1', 'usr2']);
		expect(daemon.isAlive()).toBe(true);
	});
});

test('an error in a method for a signal is logged and does not end the server', async () => {
	await withDaemon(serverOf('throws.mjs'), async daemon => {
		for (const [signal, method] of [
			['SIGHUP', 'hup'],
			['SIGUSR2', 'usr2'],
		] as const) {
			daemon.kill(signal);
			await daemon.log.waitFor(`Error in ${method} of Throws: RangeError: of ${method}`);
		}
		expect(daemon.isAlive()).toBe(true);
		await daemon.shutdown();
		expect(await daemon.exited).toEqual({ code: 0, signal: null });
	});
});

describe('the methods for signals', () => {
	/** A server of this process, which has started; its `hup` waits to be released. */
	async function heldServer() {
		const diary: string[] = [];
		const [started, release, last] = [deferred<void>(), deferred<void>(), deferred<void>()];
		const server = new Server('Held', {
			pidFile: join(temporaryFolder(), 'held.pid'),
			interval: 60_000,
			run: () => started.resolve(),
			hup: async () => {
				diary.push('hup begins');
				await release.promise;
				diary.push('hup ends');
				throw new RangeError('of hup');
			},
			usr1: () => void diary.push('usr1'),
			usr2: () => {
				diary.push('usr2');
				last.resolve();
			},
			logger: { debug() {}, info() {}, warn() {}, error: () => void diary.push('told') },
		});
		const ended = server.startup();
		await started.promise;
		for (const signal of ['SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const) process.emit(signal, signal);
		await delay(1);
		expect(diary).toEqual(['hup begins']);
		return { server, diary, ended, release, last: last.promise };
	}

	test('run one after the other, also after one that throws', async () => {
		const { server, diary, ended, release, last } = await heldServer();
		release.resolve();
		await last;
		expect(diary).toEqual(['hup begins', 'hup ends', 'told', 'usr1', 'usr2']);
		await server.shutdown();
		await ended;
	});

	test('are dropped if the server stops before their turn', async () => {
		const { server, diary, ended, release } = await heldServer();
		await server.shutdown();
		await ended;
		release.resolve();
		await delay(1);
		expect(diary).toEqual(['hup begins', 'hup ends', 'told']);
	});

	test('do not keep the server from being shut down by a signal, even if one hangs', async () => {
		await withDaemon(serverOf('hangs.mjs'), async daemon => {
			daemon.kill('SIGHUP');
			await daemon.log.waitFor(/^hup$/);
			await daemon.shutdown();
			expect(await daemon.exited).toEqual({ code: 0, signal: null });
		});
	});
});
