import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Daemon, PidFile, type Server, type StartupError, startDaemon, withDaemon } from '../../src/index.ts';
import { runCaller } from '../support/callers.ts';
import { project } from '../support/projects.ts';

const files = {
	'clock.mjs': `import { Server } from 'withdaemon';
		export class Clock extends Server {
			count = 0;
			run() { console.log('tick', this.count++, process.pid, this.pidFile.filename); }
		}
		const logger = { debug() {}, info() {}, warn() {}, error() {} };
		export const other = new Server('Other', { run() {} });
		export const clock = new Clock('Time Stamp', { interval: 10, logger, pidFile: process.env.CLOCK_PID_FILE ?? '/dev/null' });
		export default Clock;
		export const make = name => new Clock(name);
		export { clock as again };`,
	'made.mjs': `import { Clock } from './clock.mjs';
		class Faster extends Clock {}
		export default new Faster('Made', { interval: 10 });`,
	'fails.mjs': `import { Server } from 'withdaemon';
		export default new Server('Fails', { run() { throw Object.assign(new RangeError('at once'), { code: 'EONCE' }); } });`,
};
const folder = () => project(files);
const load = async (path: string): Promise<Record<string, Server>> => await import(pathToFileURL(path).href);

describe('a Server as startupCommand', () => {
	test('gives the daemon its name, logger and PID file, unless others are given', async () => {
		const { clock } = await load(join(folder(), 'clock.mjs'));
		const daemon = new Daemon({ server: clock as Server });
		expect([daemon.name, daemon.logger, daemon.pidFile]).toEqual(['Time Stamp', clock?.logger, clock?.pidFile]);
		const own = new Daemon({
			startupCommand: clock as Server,
			name: 'mine',
			pidFile: '/run/mine.pid',
			logger: console,
		});
		expect([own.name, own.logger, own.pidFile]).toEqual(['mine', console, '/run/mine.pid']);
	});

	test('runs in a process of its own, with the PID file of the daemon, and stops', async () => {
		const { clock } = await load(join(folder(), 'clock.mjs'));
		const seen = await withDaemon({ server: clock as Server, lookFor: /^tick 2 / }, ({ name, pid, pidFile, log }) => {
			expect(name).toBe('Time Stamp');
			expect(log.lines().slice(0, 2)).toEqual([`tick 0 ${pid} ${pidFile}`, `tick 1 ${pid} ${pidFile}`]);
			expect(readFileSync(String(pidFile), 'utf8')).toBe(`${pid}\n`);
			return String(pidFile);
		});
		expect(existsSync(seen)).toBe(false);
		expect(clock?.isRunning()).toBe(false);
	});

	test('is looked up in the module that created it, not in those of its classes', async () => {
		const path = join(folder(), 'made.mjs');
		const limit = Error.stackTraceLimit;
		Error.stackTraceLimit = 0;
		const server = (await load(path))['default'] as Server;
		Error.stackTraceLimit = limit;
		expect(server.module).toBe(path);
		await withDaemon({ server, lookFor: 'tick' }, ({ name }) => expect(name).toBe('Made'));
	});

	test('is found where its `module` says if another module created it', async () => {
		const path = join(folder(), 'clock.mjs');
		const { make } = (await load(path)) as unknown as { make: (name: string) => Server };
		expect(make('Time Stamp').module).toBe(path);
		const options = { startupCommand: make('Unknown'), lookFor: 'tick' };
		const error: unknown = await withDaemon(options, () => {}).catch((reason: unknown) => reason);
		const { cause } = error as StartupError & { cause: Error };
		expect(cause.message).toMatch(
			/clock\.mjs exports Clock, again, clock, default, make, other, but no Server with the name 'Unknown'$/,
		);
	});

	test('keeps the mode of the PID file', async () => {
		const path = join(folder(), 'clock.mjs');
		const { clock } = await load(path);
		const pidFile = new PidFile({ name: 'mine', path: dirname(path), mode: 0o600 });
		await withDaemon({ server: clock as Server, pidFile, lookFor: 'tick' }, () => {
			expect(statSync(pidFile.filename).mode & 0o777).toBe(0o600);
		});
	});

	test('is asked to end by its `shutdown` if it is the shutdownCommand too', async () => {
		const { clock } = await load(join(folder(), 'clock.mjs'));
		const server = clock as Server;
		const daemon = await startDaemon({ server, shutdownCommand: server, lookFor: 'tick' });
		await daemon.shutdown();
		expect(await daemon.exited).toEqual({ code: 0, signal: null });
		await daemon[Symbol.asyncDispose]();
		const startupCommand = { module: server.module ?? '', export: 'clock' };
		const other = await startDaemon({ startupCommand, shutdownCommand: server, lookFor: 'tick' });
		await other.shutdown();
		expect(await other.exited).toEqual({ code: 0, signal: null });
		await other[Symbol.asyncDispose]();
	});
});

describe('an export that is', () => {
	test.each(['clock', 'again', 'Clock', 'default'])('the server or its class (%s) is started', async name => {
		const args = name === 'clock' || name === 'again' ? [] : ['Made Here'];
		const startupCommand = { module: join(folder(), 'clock.mjs'), export: name, args };
		await withDaemon({ startupCommand, lookFor: 'tick' }, daemon => {
			expect(daemon.log.lines()[0]).toBe(`tick 0 ${daemon.pid} ${daemon.pidFile}`);
		});
	});
});

test('an error in its first run is the cause of the StartupError', async () => {
	const startupCommand = { module: join(folder(), 'fails.mjs') };
	const error: unknown = await withDaemon({ startupCommand, lookFor: 'never said' }, () => {}).catch(reason => reason);
	expect(error).toMatchObject({ name: 'StartupError', cause: { name: 'RangeError', code: 'EONCE' } });
});

describe('in the foreground', () => {
	test('a server keeps its process alive until it is shut down, and leaves nothing behind', async () => {
		const { output, code } = await runCaller('server.mjs');
		expect(output.split('\n')).toEqual(['run', 'timers 1', 'SIGTERM', 'stopped, timers 0 handlers 0', '']);
		expect(code).toBe(0);
	});
});
