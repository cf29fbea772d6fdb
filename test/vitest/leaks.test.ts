/** `vitest --detect-async-leaks` finds nothing of this library, whose promises all settle. */
import { expect, test } from 'vitest';
import { project, runVitest } from '../support/projects.ts';

const suite = `
	import { expect, test } from 'vitest';
	import { responds, withDaemons } from 'withdaemon';
	import { daemonFixture, startDaemon, useDaemon, withDaemon } from 'withdaemon/vitest';

	const sh = { startupCommand: ['sh', '-c', 'echo ready; exec sleep 1000'], lookFor: 'ready' };
	const server = "require('http').createServer((_, answer) => answer.end()).listen(process.env.PORT, '127.0.0.1')";
	const http = { startupCommand: ['node', '-e', server], port: 'auto', env: { PORT: '{port}' } };

	const used = useDaemon(sh);
	test('useDaemon', async () => {
		await used.log.waitFor('ready');
		await used.restart();
		await used.stopped(() => {});
		await used.pause();
		await used.resume();
	});
	test('withDaemon', () => withDaemon(http, () => {}));
	test('startDaemon', async () => {
		const daemon = await startDaemon({ startupCommand: 'sleep 1000' });
		const exit = daemon.expectExit();
		process.kill(daemon.pid, 'SIGKILL');
		await exit;
		await daemon[Symbol.asyncDispose]();
	});
	test.extend({ daemon: daemonFixture(sh) })('daemonFixture', ({ daemon }) => {});
	test('withDaemons', () =>
		withDaemons({ one: sh, other: { ...http, dependsOn: 'one', ready: [responds('http://127.0.0.1:{port}/')] } }, () => {}));
	test('a daemon that is never ready', () => expect(withDaemon({ ...sh, lookFor: 'x', timeout: 300 }, () => {})).rejects.toThrow());`;

test('no promise is left of daemons that were used and of one that was not ready', { timeout: 240_000 }, async () => {
	const folder = project({ 'leaks.test.ts': suite });
	const { status, output } = await runVitest(folder, '--detect-async-leaks', '--testTimeout', '60000');
	expect(output).toContain('6 passed (6)');
	expect(output).not.toContain('leaking in');
	expect(status).toBe(0);
});
