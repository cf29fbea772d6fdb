import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runShutdownProgram } from '../../src/teardown/shutdown-program.ts';
import { pollUntil } from '../../src/time/poll.ts';
import { temporaryFolder } from '../support/fixtures.ts';

test('a program whose time is over may still clean up after itself, before it is ended by force', async () => {
	const cwd = temporaryFolder();
	// The child says that it runs: right after its fork, it still has the trap of the shell, and would survive the
	// signal.
	const script = "trap ': > cleaned; exit' TERM; (: > running; exec sleep 1000) & wait";
	const over = new AbortController();
	const running = runShutdownProgram({ argv: ['sh', '-c', script], cwd, env: process.env }, undefined, over.signal);
	await pollUntil(() => existsSync(join(cwd, 'running')), AbortSignal.timeout(60_000));
	over.abort(new Error('the time is over'));
	await expect(running).rejects.toThrow('the time is over');
	expect(existsSync(join(cwd, 'cleaned'))).toBe(true);
});

/** Without these capabilities, root may not search a closed folder either. */
const unprivileged = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : ['env'];

test('of a folder in PATH that may not be searched, the error does not say that it forbids a missing program', () => {
	const folder = temporaryFolder();
	mkdirSync(join(folder, 'closed'), { mode: 0 });
	writeFileSync(join(folder, 'forbidden'), '', { mode: 0o600 });
	const caller = `
		const { withDaemon } = await import(process.env.WITHDAEMON_TEST_BUILD + '/index.js');
		const options = { startupCommand: 'sleep 1000', env: { PATH: '${folder}/closed:${folder}:/usr/bin:/bin' } };
		for (const shutdownCommand of [['true -x', '-y'], ['missing'], ['forbidden']])
			await withDaemon({ ...options, shutdownCommand }, () => {}).catch(error => console.log(error.message));`;
	const [file = '', ...args] = [...unprivileged, process.execPath, '--input-type=module', '-e', caller];
	const { stdout } = spawnSync(file, args, { encoding: 'utf8' });
	expect(stdout.match(/Command failed with .*(?=, and was ended)/g)).toEqual([
		"Command failed with ENOENT: 'true -x' -y (no shell splits the words of an array: give ['true', '-x', '-y'])",
		'Command failed with ENOENT: missing',
		'Command failed with EACCES: forbidden',
	]);
});
