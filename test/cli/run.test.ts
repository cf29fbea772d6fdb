/** `withdaemon run`: services, then CMD, then nothing. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { cliFolder, leftIn, runCli, startCli, untilFile } from '../support/cli.ts';
import { fixture } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';

const quiet = { startupCommand: 'sleep 1000' };
const config = (group: object) => cliFolder({ 'withdaemon.config.json': group });
/** CMD that notes its pid, and stays. */
const staying = ['sh', '-c', 'echo $$ > pid; exec sleep 1000'];

describe.concurrent('run', () => {
	test('runs CMD while the services are ready, exits as it did, and leaves nothing', async () => {
		const folder = config({ db: { ...quiet, exports: { DB: 'at {pidFile}' } } });
		const result = await runCli(folder, ['run', '--', 'sh', '-c', 'kill -0 $(cat "${DB#at }") && echo up && exit 7']);
		expect(result).toMatchObject({ code: 7, output: 'up\n' });
		expect(leftIn(folder)).toEqual([]);
	});

	test('finds CMD among the programs of the project', async () => {
		const folder = config({ db: quiet });
		mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true });
		writeFileSync(join(folder, 'node_modules', '.bin', 'own'), '#!/bin/sh\necho mine\n', { mode: 0o755 });
		expect(await runCli(folder, ['run', '--', 'own'])).toMatchObject({ code: 0, output: 'mine\n' });
	});

	test('works in the folder of the config file wherever it is called, and CMD where it was called', async () => {
		const folder = config({ note: { startupCommand: 'pwd > where', task: true } });
		mkdirSync(join(folder, 'sub'));
		const { ended } = startCli(join(folder, 'sub'), ['run', '--junit', 'report.xml', '--', 'pwd'], {
			TMPDIR: join(folder, 'tmp'),
		});
		expect(await ended).toMatchObject({ code: 0, output: `${folder}/sub\n` });
		expect(readFileSync(join(folder, 'where'), 'utf8')).toBe(`${folder}\n`);
		expect(readdirSync(join(folder, 'sub'))).toEqual(['report.xml']);
	});

	test('starts each service of --only, with what it depends on, and no other', async () => {
		const notes = (file: string) => ({ startupCommand: ['touch', file], task: true });
		const folder = config({ a: notes('a'), b: notes('b'), c: { ...notes('c'), dependsOn: 'd' }, d: notes('d') });
		const cmd = ['sh', '-c', 'echo [a-d]'];
		expect(await runCli(folder, ['run', '--only', 'a', '--only', 'c', '--', ...cmd])).toMatchObject({
			code: 0,
			output: 'a c d\n',
		});
	});

	test('exits with 128 and the number of the signal that has ended CMD, as a shell does', async () => {
		const result = await runCli(config({ db: quiet }), ['run', '--', 'sh', '-c', 'kill -9 $$']);
		expect(result.code).toBe(137);
	});

	test('takes a single service from flags, and gives its port to CMD', async () => {
		const folder = cliFolder();
		const result = await runCli(folder, [
			...['run', '--service', `node ${fixture('listens.mjs')} {port}`, '--port', 'auto', '--name', 'my-db'],
			...['--env', 'A=1', '--export', 'URL=tcp://127.0.0.1:{port}', '--timeout', '60000'],
			...['--', 'sh', '-c', 'echo $MY_DB_PORT $URL'],
		]);
		expect(result.output).toMatch(/^(\d+) tcp:\/\/127\.0\.0\.1:\1\n$/);
		expect(result.code).toBe(0);
	});

	test('a service that dies ends CMD, and is reported with its status and last lines: exit code 3', async () => {
		const folder = config({
			db: { startupCommand: 'echo the disk is gone; until [ -e pid ]; do sleep 0.05; done; exit 9' },
		});
		const result = await runCli(folder, ['run', '--', ...staying]);
		expect(result.code).toBe(3);
		expect(result.errors).toContain('db exited with code 9 while it was in use\n');
		expect(result.errors).toContain('the disk is gone');
		expect(isGone(Number(readFileSync(join(folder, 'pid'), 'utf8')))).toBe(true);
		expect(leftIn(folder)).toEqual(['pid']);
	});

	test('passes SIGINT, SIGTERM and SIGHUP to CMD, and exits as it did', async () => {
		const one = async (signal: NodeJS.Signals) => {
			const folder = config({ db: quiet });
			const trap = `trap 'echo got; exit 9' ${signal.slice(3)}; echo > pid; while :; do sleep 0.05; done`;
			const { child, ended } = startCli(folder, ['run', '--', 'sh', '-c', trap]);
			await untilFile(join(folder, 'pid'));
			child.kill(signal);
			return await ended;
		};
		const results = await Promise.all((['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(one));
		expect(results.map(({ code, output }) => [code, output])).toEqual(Array(3).fill([9, 'got\n']));
	});

	test('a signal during the start ends it, and nothing is left', async () => {
		const folder = config({ db: { startupCommand: 'echo > pid; sleep 1000', lookFor: 'never', timeout: 900_000 } });
		const { child, ended } = startCli(folder, ['run', '--', 'touch', 'ran']);
		await untilFile(join(folder, 'pid'));
		child.kill('SIGINT');
		expect(await ended).toMatchObject({ code: 130, output: '' });
		expect(leftIn(folder)).toEqual(['pid']);
	});

	test('a second signal ends CMD, what that has started and the services by force', async () => {
		const deaf = "trap '' TERM INT";
		const folder = config({ db: { startupCommand: `${deaf}; echo ready; sleep 1000`, lookFor: 'ready' } });
		const { child, ended } = startCli(folder, ['run', '--', 'sh', '-c', `${deaf}; sleep 1001 & echo > pid; wait`]);
		await untilFile(join(folder, 'pid'));
		child.kill('SIGTERM');
		// Two signals of one number that are pending at once are one.
		child.kill('SIGINT');
		child.kill('SIGHUP');
		const { code, errors } = await ended;
		expect(code).toBeGreaterThan(128);
		expect(errors).toMatch(/has exited with code \d+\n(?:withdaemon: .*\n)*$/);
		expect(leftIn(folder)).toEqual(['pid']);
	});

	test('a second signal cuts short the end of services, however late it comes', async () => {
		const deaf = { startupCommand: "trap '' TERM; echo ready; sleep 1000", lookFor: 'ready', timeout: 900_000 };
		const folder = config({ db: deaf });
		const { child, ended, seen } = startCli(folder, ['run', '--', 'true']);
		await seen(/db is stopping/);
		child.kill('SIGTERM');
		await seen(/got SIGTERM[\s\S]*db is stopping for/);
		child.kill('SIGTERM');
		expect((await ended).code).toBe(143);
		expect(leftIn(folder)).toEqual([]);
	});

	test('two SIGINT far apart are both for CMD, as in the prompt of a database', async () => {
		const folder = config({ db: quiet });
		const untilGot = (count: number) => `until [ $n = ${count} ]; do sleep 0.05; done`;
		const trap = `n=0; trap 'echo got; n=$((n + 1))' INT; echo begun`;
		const cmd = [trap, untilGot(1), 'sleep 2.5; echo later', untilGot(2), 'exit 9'].join('; ');
		const { child, ended, seen } = startCli(folder, ['run', '--', 'sh', '-c', cmd]);
		await seen(/^begun$/m);
		child.kill('SIGINT');
		await seen(/^later$/m);
		child.kill('SIGINT');
		expect(await ended).toMatchObject({ code: 9, output: 'begun\ngot\nlater\ngot\n' });
	});

	test('a CLI that is killed takes CMD, what that has started and the services with it', async () => {
		const folder = config({ db: quiet });
		const { child, ended } = startCli(folder, ['run', '--', 'sh', '-c', 'sleep 1001 & echo > pid; wait']);
		await untilFile(join(folder, 'pid'));
		child.kill('SIGKILL');
		await ended;
		await vi.waitFor(() => expect(leftIn(folder)).toEqual(['pid']), { timeout: 60_000 });
	});
});

describe.concurrent('the exit code', () => {
	test('is 127 for a CMD that does not exist, 126 for one that cannot be executed, and nothing is started', async () => {
		const folder = cliFolder({ 'withdaemon.config.json': { db: { startupCommand: 'touch started' } }, file: '' });
		const [missing, notExecutable, withSpaces] = await Promise.all([
			runCli(folder, ['run', '--', 'does-not-exist']),
			runCli(folder, ['run', '--', './file']),
			runCli(folder, ['run', '--', 'echo a']),
		]);
		expect(missing).toMatchObject({
			code: 127,
			errors: 'withdaemon cannot run does-not-exist: there is no such program\n',
		});
		expect(notExecutable).toMatchObject({ code: 126, errors: expect.stringContaining('EACCES') });
		expect(withSpaces.errors).toContain("try sh -c 'echo a'");
		expect(leftIn(folder)).toEqual(['file']);
	});

	test('is 5 if a service failed to start, and 124 if it was not ready in time', async () => {
		const [failed, late] = await Promise.all([
			runCli(config({ db: { startupCommand: ['sh', '-c', 'exit 3'], lookFor: 'never' } }), [
				'run',
				'--',
				'touch',
				'ran',
			]),
			runCli(config({ db: { ...quiet, lookFor: 'x', startupTimeout: 100 } }), ['run', '--', 'touch', 'ran']),
		]);
		expect(failed).toMatchObject({ code: 5, errors: expect.stringContaining('db exited with code 3') });
		expect(late).toMatchObject({ code: 124, errors: expect.stringContaining('db was not ready within 100 ms') });
	});

	test('is 4 if a service needed force, unless CMD has failed, too', async () => {
		const deaf = { startupCommand: "trap '' TERM; echo ready; sleep 1000", lookFor: 'ready', shutdownTimeout: 50 };
		const [clean, failed] = await Promise.all([
			runCli(config({ db: deaf }), ['run', '--', 'true']),
			runCli(config({ db: deaf }), ['run', '--', 'false']),
		]);
		expect(clean).toMatchObject({ code: 4, errors: expect.stringContaining('db did not end within 50 ms of SIGTERM') });
		expect(failed).toMatchObject({
			code: 1,
			errors: expect.stringContaining('db did not end within 50 ms of SIGTERM'),
		});
	});

	test('is 2 for flags that are not valid, which are named as they were given', async () => {
		const folder = cliFolder({ 'withdaemon.config.json': { db: quiet } });
		const [value, stray, both] = await Promise.all([
			runCli(folder, ['run', '--service', 'x', '--startup-timeout', '5s', '--', 'true']),
			runCli(folder, ['run', '--port', '5', '--', 'true']),
			runCli(folder, ['run', '--service', 'x', '--only', 'db', '--', 'true']),
		]);
		expect([value.code, stray.code, both.code]).toEqual([2, 2, 2]);
		expect(value.errors).toBe(
			'x: Expected --startup-timeout to be a number of milliseconds from 1 to 2147483647, but got "5s" (string).\n',
		);
		expect(stray.errors).toBe('--port describes a single service: give --service, too.\n');
		expect(both.errors).toBe(
			'A single service needs no config file: give neither --config nor --only with its command.\n',
		);
	});
});
