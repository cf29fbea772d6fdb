import { expect, test } from 'vitest';
import { Daemon, defineDaemons, startDaemon, startDaemons, timeLimits, withDaemon, withDaemons } from '../src/index.ts';
import * as inVitest from '../src/vitest/index.ts';
import { daemonSetup } from '../src/vitest/setup.ts';
import { fixture } from './support/fixtures.ts';

const leaves = { startupCommand: [fixture('forks-children.sh')], shutdownCommand: 'SIGINT', lookFor: 'ready' } as const;
const missing = '/no/such/command';
const core = (options: object = {}) =>
	new Daemon({ name: 'x', pidFile: '/dev/null', startupCommand: missing, ...options });

const calls: [string, () => unknown][] = [
	['withDaemon()', () => withDaemon({ startupCommand: '' }, () => {})],
	['startDaemon()', () => startDaemon({ startupCommand: missing })],
	['a death in use', () => withDaemon(dies, ({ pid, exited }) => process.kill(pid, 'SIGUSR2') && exited)],
	['new Daemon()', () => new Daemon({} as never)],
	['timeLimits()', () => timeLimits({} as never)],
	['withDaemons()', () => withDaemons({ x: { startupCommand: missing } }, () => {})],
	['startDaemons()', () => startDaemons({ x: { startupCommand: missing } })],
	['defineDaemons()', () => defineDaemons({ x: { startupCommand: '' } })],
	['daemon.startup()', () => core().startup()],
	['daemon.restart()', () => core().restart()],
	['daemon.shutdown()', () => refusesToEnd()],
	['daemon[Symbol.asyncDispose]()', () => tearDown()],
	['daemon[Symbol.asyncDispose]() after an abort', () => tearDown(new AbortController())],
	['useDaemon()', () => inVitest.useDaemon({} as never)],
	['useDaemon() with a value that does not exist', () => inVitest.useDaemon(dies, { per: 'tests' } as never)],
	['daemonFixture() with a scope that does not exist', () => inVitest.daemonFixture(dies, { scope: 'suite' } as never)],
	['daemonFixture() with another option', () => inVitest.daemonFixture(dies, null as never)],
	['daemonFixture()', () => inVitest.daemonFixture({} as never)],
	['daemonFixture() of a function', () => inVitest.daemonFixture((all: object) => ({ startupCommand: String(all) }))],
	['daemonSetup()', () => daemonSetup({ x: { startupCommand: 'x', stdin: 'open' } }, { reuse: true })],
	['daemonSetup() with an option that does not exist', () => daemonSetup('x', { reuseExisting: true } as never)],
	['withDaemon() of vitest', () => inVitest.withDaemon({ startupCommand: '' }, () => {})],
	['startDaemon() of vitest', () => inVitest.startDaemon({ startupCommand: missing })],
];

const dies = { startupCommand: [fixture('ready-then-dies.sh')], lookFor: 'ready' };

async function tearDown(controller?: AbortController): Promise<void> {
	const daemon = await startDaemon({ ...leaves, signal: controller?.signal });
	controller?.abort();
	await daemon[Symbol.asyncDispose]();
}

async function refusesToEnd(): Promise<void> {
	const daemon = core({ startupCommand: 'sleep 1000', shutdownCommand: missing });
	await daemon.startup();
	try {
		await daemon.shutdown();
	} finally {
		daemon.kill('SIGKILL');
		await daemon.exited;
		await daemon[Symbol.asyncDispose]();
	}
}

test.each(calls)('the stack of an error of %s begins at the call of the user', async (_, call) => {
	const error = await Promise.resolve()
		.then(call)
		.then(
			() => expect.unreachable(),
			(reason: Error) => reason,
		);
	expect(error.stack).toContain(error.message);
	expect(error).toHaveProperty('code', expect.stringMatching(/^ERR_DAEMON_/));
	expect(/^ {4}at .*$/m.exec(error.stack ?? '')?.[0]).toContain('call-site.test.ts');
});
