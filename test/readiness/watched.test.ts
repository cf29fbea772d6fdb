import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileExists } from '../../src/index.ts';
import type { Look } from '../../src/readiness/check.ts';
import { watched } from '../../src/readiness/watched.ts';
import { deferred } from '../../src/time/deadline.ts';
import { checkOf, thisProcess } from '../support/checks.ts';
import { temporaryFolder } from '../support/fixtures.ts';

const never = new AbortController().signal;

test('a change that raises no event is found all the same', async () => {
	const folder = temporaryFolder();
	for (const name of ['old', 'new']) mkdirSync(join(folder, name));
	writeFileSync(join(folder, 'new/file'), 'x');
	symlinkSync('old', join(folder, 'current'));
	const { promise: looked, resolve } = deferred<void>();
	const { look = () => expect.unreachable() } = checkOf(fileExists(join(folder, 'current/file')));
	const noting: Look = async (...args) => {
		const answer = await look(...args);
		resolve();
		return answer;
	};
	const waiting = watched('x', join(folder, 'current/file'), noting, () => undefined).wait(never, thisProcess);
	await looked;
	unlinkSync(join(folder, 'current'));
	symlinkSync('new', join(folder, 'current'));
	expect(await waiting).toEqual({});
});

const hasNamespaces = spawnSync('unshare', ['-Ur', 'true']).status === 0;

describe.skipIf(!hasNamespaces)('without inotify', () => {
	test('a path is looked at again and again, and the error says so', () => {
		// In a new user namespace the number of inotify instances can be set to 0.
		const script = `echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"`;
		const caller = `
			const { fileExists, withDaemon } = await import(process.env.WITHDAEMON_TEST_BUILD + '/index.js');
			const slow = { startupCommand: ['sh', '-c', 'sleep 0.1; echo x >"$0"; exec sleep 1000', '{dir}/file'] };
			await withDaemon({ ...slow, ready: fileExists('{dir}/file') }, daemon => console.log(daemon.state));
			let looks = 0;
			const start = new AbortController();
			const ready = [fileExists('/nowhere/file'), () => (++looks > 20 && start.abort(), false)];
			await withDaemon({ ...slow, signal: start.signal, ready }, () => {}).catch(error => console.log(error.message));
		`;
		const args = ['-Ur', 'sh', '-c', script, 'sh', process.execPath, '--input-type=module', '-e', caller];
		const { stdout } = spawnSync('unshare', args, { encoding: 'utf8' });
		expect(stdout).toMatch(/^ready\n/);
		expect(stdout).toContain(
			'its folder /nowhere does not exist (looked at every 50 ms, as it cannot be watched: EMFILE)',
		);
	});
});
