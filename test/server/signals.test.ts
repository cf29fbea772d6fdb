import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Daemon, withDaemon } from '../../src/index.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { project } from '../support/projects.ts';

const say = (word: string) => `${word}() { console.log('${word}'); }`;
const files = {
	'plain.mjs': `import { Server } from 'withdaemon';
		export default new Server('Plain', { interval: 60_000, afterStarting: () => console.log('ready') });`,
	'own.mjs': `import { Server } from 'withdaemon';
		class Own extends Server {
			afterStarting() { console.log('ready'); }
			${['hup', 'int', 'term', 'usr1', 'usr2'].map(say).join('\n')}
		}
		export const server = new Own('Own', { interval: 60_000 });`,
	'throws.mjs': `import { Server } from 'withdaemon';
		export default new Server('Throws', {
			interval: 60_000,
			afterStarting: () => console.log('ready'),
			hup: () => { throw new RangeError('of hup'); },
			usr2: async () => { throw new RangeError('of usr2'); },
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
