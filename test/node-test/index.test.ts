/** What users of node:test see, in a run of their own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { isGone } from '../support/processes.ts';
import { project } from '../support/projects.ts';

/** Logs the number of each SIGUSR2 so far. */
const daemon = `
	let count = 0;
	process.on('SIGUSR2', () => console.log('signal ' + ++count));
	require('node:fs').appendFileSync('pids', process.pid + '\\n');
	console.log('ready');
	setInterval(() => {}, 1000000);`;

const suite = `
	import assert from 'node:assert/strict';
	import { describe, test } from 'node:test';
	import { useDaemon } from 'withdaemon/node-test';

	const options = { name: 'api', startupCommand: ['node', '-e', ${JSON.stringify(daemon)}], lookFor: 'ready' };
	async function talk(daemon, count) {
		process.kill(daemon.pid, 'SIGUSR2');
		await daemon.log.waitFor('signal ' + count);
	}

	describe('for a suite', () => {
		const api = useDaemon(options);
		const { signal } = api;
		test('passes', { signal }, () => talk(api, 1));
		test('fails', { signal }, async () => {
			await talk(api, 2);
			throw new Error('of the test');
		});
		test('fails at once when it dies', { signal }, () => {
			process.kill(api.pid, 'SIGKILL');
			return new Promise(() => {});
		});
		test('fails after its death', () => {});
	});

	describe('for each test', () => {
		const api = useDaemon(options, { per: 'test' });
		let pid;
		test('starts one', () => {
			pid = api.pid;
			assert(api.isAlive());
		});
		test('starts another one', () => assert.notEqual(api.pid, pid));
		test('fails', () => {
			throw new Error('of the test');
		});
	});

	describe('that cannot start', () => {
		useDaemon({ startupCommand: 'withdaemon-no-such-program' });
		test('is not run', () => assert.fail('it was run'));
	});`;

test('node:test fails a test at once when its daemon dies, and shows the log of a test that fails', {
	timeout: 240_000,
}, async () => {
	const folder = project({ 'suite.test.mjs': suite });
	const inherited = Object.entries(process.env).filter(([name]) => !/^VITEST|^NODE_TEST/.test(name));
	const { stdout, exitCode } = await execa(process.execPath, ['--test', '--test-reporter=tap', 'suite.test.mjs'], {
		cwd: folder,
		env: Object.fromEntries(inherited),
		extendEnv: false,
		reject: false,
	});
	const told = stdout.split('\n').filter(line => /^ *(not )?ok |^ +# (?!Subtest)|^ +(?:api|.*could not)/.test(line));
	expect(told.map(line => line.replace(/^ +(?=api|.*could not)/, '    ')).join('\n')).toMatchInlineSnapshot(`
		"    ok 1 - passes
		    not ok 2 - fails
		    # api logged during this test:
		    #   | signal 2
		    not ok 3 - fails at once when it dies
		    api was killed by SIGKILL while it was in use
		    not ok 4 - fails after its death
		    api was killed by SIGKILL while it was in use
		not ok 1 - for a suite
		    ok 1 - starts one
		    ok 2 - starts another one
		    not ok 3 - fails
		    # api logged during this test:
		    #   | ready
		not ok 2 - for each test
		    not ok 1 - is not run
		not ok 3 - that cannot start
		    withdaemon-no-such-program could not be started: withdaemon-no-such-program does not exist (ENOENT)"
	`);
	expect(exitCode).toBe(1);
	const pids = readFileSync(join(folder, 'pids'), 'utf8').trimEnd().split('\n').map(Number);
	expect(pids.filter(pid => !isGone(pid))).toEqual([]);
	expect(pids).toHaveLength(4);
});
