/** A death ends the test's function although the user has a runner with a `runTask` of its own. */
import { expect, test } from 'vitest';
import { project, runVitest } from '../support/projects.ts';

const runner = `
	import { TestRunner } from 'vitest';

	export default class extends TestRunner {
		async runTask(test) {
			console.log('runs ' + test.name);
			await TestRunner.getTestFn(test)();
		}
	}`;

const suite = `
	import { afterEach, expect, test } from 'vitest';
	import { useDaemon } from 'withdaemon/vitest';

	const daemon = useDaemon({ startupCommand: ['sh', '-c', 'echo ready; exec sleep 1000'], lookFor: 'ready' }, { per: 'test' });
	const ended = [];
	afterEach(({ task }) => void ended.push(task.name));
	test('waits', async () => {
		process.kill(daemon.pid, 'SIGKILL');
		await new Promise(() => {});
	});
	test('is next', () => expect(ended).toEqual(['waits']));`;

test('a runner of the user that runs the tests itself does not hide a death', { timeout: 240_000 }, async () => {
	const config = `export default { test: { runner: './runner.ts', testTimeout: 120_000 } };`;
	const folder = project({ 'runner.ts': runner, 'vitest.config.ts': config, 'suite.test.ts': suite });
	const { output } = await runVitest(folder);
	expect(output).toContain('runs is next');
	expect(output).toContain('DaemonExitedError: sh was killed by SIGKILL while it was in use');
	expect(output).toContain('1 failed | 1 passed (2)');
	expect(output).not.toContain('timed out');
});
