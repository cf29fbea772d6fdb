/** A test environment with a DOM, such as happy-dom, replaces globals of Node by classes of its own. */
import { expect, test } from 'vitest';
import { says } from '../support/notify.ts';
import { project, runVitest } from '../support/projects.ts';
import { onTestFinished } from '../support/this-test.ts';
import { callLibc } from '../support/way-to-libc.ts';

/** What Node checks by its own classes, it refuses here. The code is transformed as for a browser. */
const environment = `
	class Signal {
		aborted = false;
		listeners = new Set();
		addEventListener(_, listener) { this.listeners.add(listener); }
		removeEventListener(_, listener) { this.listeners.delete(listener); }
		throwIfAborted() { if (this.aborted) throw this.reason; }
		static any(signals) {
			const either = new Controller();
			for (const one of signals) {
				if (one.aborted) either.abort(one.reason);
				one.addEventListener('abort', () => either.abort(one.reason));
			}
			return either.signal;
		}
	}
	class Controller {
		signal = new Signal();
		abort(reason = new Error('aborted')) {
			if (this.signal.aborted) return;
			Object.assign(this.signal, { aborted: true, reason });
			for (const listener of this.signal.listeners) (listener.handleEvent ?? listener).call(listener, { type: 'abort' });
		}
	}
	class Address extends URL {}
	export default {
		name: 'dom',
		viteEnvironment: 'client',
		setup: global => {
			const before = { AbortController, AbortSignal, URL };
			Object.assign(global, { AbortController: Controller, AbortSignal: Signal, URL: Address });
			return { teardown: () => void Object.assign(global, before) };
		},
	};`;

const suite = `
	import { expect, inject, test } from 'vitest';
	import { notified } from 'withdaemon';
	import { daemonFixture, startDaemon, useDaemon, withDaemon, withDaemons } from 'withdaemon/vitest';

	const sh = { startupCommand: ['sh', '-c', 'echo ready; exec sleep 1000'], lookFor: 'ready' };
	const serve = ['node', '-e', "require('http').createServer((_, answer) => answer.end()).listen({ fd: 3 })"];
	// In a thread Node warns of descriptors that it has not opened and closes.
	const warnings = [];
	process.on('warning', ({ message }) => warnings.push(message));
	const used = useDaemon(sh);
	test('is in use', () => expect([used.isAlive(), new URL('x:/') instanceof URL]).toEqual([true, true]));
	test('is in a test, and stops when its signal aborts', async () => {
		const stop = new AbortController();
		const using = withDaemon({ ...sh, signal: stop.signal }, () => {
			stop.abort();
			return new Promise(() => {});
		});
		await expect(using).rejects.toThrow('aborted');
	});
	test('answers', async () => {
		const listening = { startupCommand: serve, listen: 'auto', ready: 'http://127.0.0.1:{listen}/' };
		await withDaemons({ one: sh, other: { ...listening, dependsOn: 'one' } }, () => {});
		await (await startDaemon(listening))[Symbol.asyncDispose]();
	});
	test.extend({ daemon: daemonFixture(sh) })('is a fixture', ({ daemon }) => expect(daemon.isAlive()).toBe(true));
	test('says that it is ready', () =>
		withDaemon({ startupCommand: ${JSON.stringify(says('READY=1'))}, ready: [notified()] }, () => {}));
	test('is in all tests', () => expect(process.env.PID).toBe(String(inject('daemons').api.pid)));
	test('makes Node warn of nothing', () => expect(warnings).toEqual([]));
	test('dies', async () => {
		process.kill(inject('daemons').api.pid, 'SIGKILL');
		await new Promise(() => {});
	});`;

const setup = `
	import { daemonSetup } from 'withdaemon/vitest/setup';
	const startupCommand = ['sh', '-c', 'echo "pid $$"; exec sleep 1000'];
	export default daemonSetup({ api: { startupCommand, lookFor: /pid (?<pid>\\d+)/, exports: { PID: '{captures.pid}' } } });`;

test('daemons do not care which globals a test environment replaces, nor whether vite transforms the library', {
	timeout: 240_000,
}, async () => {
	onTestFinished(callLibc());
	// The library is outside of the root here.
	const config = `export default { server: { fs: { strict: false } }, test: {
		environment: './environment.ts', pool: 'threads', globalSetup: ['setup.ts'], testTimeout: 60_000, server: { deps: { inline: ['withdaemon'] } } } };`;
	const files = { 'environment.ts': environment, 'suite.test.ts': suite, 'setup.ts': setup };
	const { output } = await runVitest(project({ ...files, 'vitest.config.ts': config }));
	expect(output).toContain('DaemonExitedError: api was killed by SIGKILL while it was in use');
	expect(output).toContain('1 failed | 7 passed (8)');
});
