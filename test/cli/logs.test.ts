/** `withdaemon logs`, `wait` and `clean`. */

import { once } from 'node:events';
import { appendFileSync, chmodSync, mkdirSync, realpathSync, renameSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { test } from 'vitest';
import { nameLock } from '../../src/lock.ts';
import { REGISTRY } from '../../src/registry/folder.ts';
import { firstWords } from '../support/first-words.ts';
import { isGone } from '../support/processes.ts';
import { POLL, releasing } from '../support/released.ts';

const CONFIG = 'withdaemon.config.json';
const sleeper = { startupCommand: 'echo ready; exec sleep 1000', lookFor: 'ready', timeout: 300_000 };
/** Writes a line at each SIGUSR1. */
const talker = {
	startupCommand: "trap 'echo again' USR1; echo one; echo ready; while :; do sleep 1000 & wait; done",
	lookFor: 'ready',
	timeout: 300_000,
};

test.concurrent('logs prints what there is, or the last lines of it, and what comes after until Ctrl-C', async context => {
	const { expect } = context;
	const { run, begin, kill } = releasing(context, { [CONFIG]: { talker: { ...talker, strict: false } } });
	await run(['start']);
	const [all, last, unknown] = await Promise.all([
		run(['logs', 'talker']),
		run(['logs', 'talker', '-n', '1']),
		run(['logs', 'talkr']),
	]);
	expect([all.output, last.output]).toEqual(['one\nready\n', 'ready\n']);
	expect(unknown).toMatchObject({ code: 2, errors: 'No service is called talkr. Did you mean talker?\n' });
	const follower = begin(['logs', 'talker', '-f', '-n', '1']);
	const ended = once(follower, 'exit');
	const lines = createInterface({ input: follower.stdout ?? process.stdin })[Symbol.asyncIterator]();
	expect((await lines.next()).value).toBe('ready');
	await kill('talker', 'SIGUSR1');
	expect((await lines.next()).value).toBe('again');
	follower.kill('SIGINT');
	expect(await ended).toEqual([0, null]);
});

test.concurrent('logs -n finds where the last line begins, however long it is', async context => {
	const { expect } = context;
	const { run, folder } = releasing(context, { [CONFIG]: { sleeper: { ...sleeper, logFile: 'sleeper.log' } } });
	await run(['start']);
	// With its line break it is as long as what is read at once.
	const line = `${'x'.repeat(64 * 1024 - 1)}\n`;
	appendFileSync(join(folder, 'sleeper.log'), line);
	const [last, both] = await Promise.all([run(['logs', 'sleeper', '-n', '1']), run(['logs', 'sleeper', '-n', '2'])]);
	expect([last.output === line, both.output === `ready\n${line}`]).toEqual([true, true]);
});

test.concurrent('logs -f ends with its service, and when nobody reads it any more', async context => {
	const { expect } = context;
	const { run, begin } = releasing(context, { [CONFIG]: { sleeper } });
	await run(['start']);
	const [follower, unread] = [begin(['logs', 'sleeper', '-f']), begin(['logs', 'sleeper', '-f'])];
	const [ended, unreadEnded] = [once(follower, 'exit'), once(unread, 'exit')];
	unread.stdout?.destroy();
	await firstWords(follower);
	expect(await unreadEnded).toEqual([0, null]);
	await run(['stop']);
	expect(await ended).toEqual([0, null]);
});

test.concurrent('wait ends when all are ready or one has died, names each that is not, and refuses unknown names at once', async context => {
	const { expect } = context;
	const { run, status, kill } = releasing(context, { [CONFIG]: { db: sleeper, api: sleeper } });
	const late = run(['wait', 'db', 'api', '--timeout', '1000']);
	const unknown = run(['wait', 'dbb', '--timeout', '1000000']);
	expect(await unknown).toMatchObject({ code: 2, errors: 'No service is called dbb. Did you mean db?\n' });
	expect(await late).toEqual({
		code: 124,
		signal: null,
		output: '',
		errors:
			'Not ready within 1000 ms:\n  db   stopped: it was not started, or was stopped\n  api   stopped: it was not started, or was stopped\n',
	});
	const [waited] = await Promise.all([run(['wait', 'db', 'api', '--timeout', '600000']), run(['start'])]);
	expect(waited).toMatchObject({ code: 0, output: 'db, api: ready\n', errors: '' });
	await kill('api');
	await expect.poll(async () => (await status('api'))['state'], POLL).toBe('dead');
	const dead = await run(['wait', 'db', 'api', '--timeout', '60000']);
	expect(dead).toMatchObject({ code: 3, errors: 'Not ready:\n  api   dead: it has ended\n' });
});

// On macOS a lock is a file, which does not tell when somebody asks who has it.
test
	.skipIf(process.platform === 'darwin')
	.concurrent('wait ends at once when it can look no more, however much of its time is left', async context => {
		const { expect, onTestFinished } = context;
		const { begin, folder } = releasing(context, { [CONFIG]: { db: sleeper } });
		const registry = join(folder, 'tmp', REGISTRY);
		mkdirSync(registry, { mode: 0o700 });
		const lock = nameLock('released', registry, realpathSync(folder), 'db');
		// Whoever waits asks the command that has the lock of the daemon, and looks into the registry afterwards.
		const holder = createServer(socket => {
			chmodSync(registry, 0o777);
			// EPIPE: on a busy machine, the one who asks has not waited for the answer.
			socket.on('error', () => {}).end('start 1');
		}).listen(`\0withdaemon-${lock}`);
		onTestFinished(() => void holder.close());
		const waiting = begin(['wait', 'db', '--timeout', '2000000000'], { XDG_RUNTIME_DIR: '' });
		const [errors, ended] = await Promise.all([text(waiting.stderr ?? process.stdin), once(waiting, 'exit')]);
		expect(errors).toContain(`${registry} is open to other users`);
		expect(ended).toEqual([1, null]);
	});

test.concurrent('clean removes what has died and what belongs to no checkout any more, and nothing else', async context => {
	const { expect } = context;
	const one = releasing(context, { [CONFIG]: { dead: sleeper, living: sleeper } });
	const gone = releasing(context, { [CONFIG]: { lost: sleeper } }, `${one.folder}/tmp`);
	await Promise.all([one.run(['start']), gone.run(['start'])]);
	const { pid } = await gone.status('lost');
	await one.kill('dead');
	await expect.poll(async () => (await one.status('dead'))['state'], POLL).toBe('dead');
	renameSync(gone.folder, `${gone.folder}-moved`);
	const cleaned = await one.run(['clean']);
	renameSync(`${gone.folder}-moved`, gone.folder);
	expect(cleaned.code).toBe(0);
	expect(cleaned.output).toContain(`dead of ${one.folder} was ended and removed: it has ended`);
	expect(cleaned.output).toContain(`lost of ${gone.folder} was ended and removed: its checkout is gone`);
	expect(isGone(Number(pid))).toBe(true);
	expect(JSON.parse((await one.run(['ps', '--json'])).output)).toMatchObject([{ name: 'living', state: 'ready' }]);
	expect(await one.run(['clean'])).toMatchObject({ code: 0, output: 'Nothing was left.\n' });
});

test.concurrent('a service that runs but does not serve is running, not ready, and status says why', async context => {
	const { expect } = context;
	const port = 1;
	// Nobody listens on that port, and the service is said to be ready without it.
	const { run, status, kill } = releasing(context, {
		[CONFIG]: { deaf: { ...sleeper, port, ready: [] }, held: sleeper },
	});
	await run(['start']);
	expect(await status('deaf')).toMatchObject({ state: 'running', why: 'nothing listens on port 1', port });
	await kill('held', 'SIGSTOP');
	await expect.poll(() => status('held'), POLL).toMatchObject({ state: 'running', why: 'it is stopped by a signal' });
	expect(await run(['wait', 'held', '--timeout', '1'])).toMatchObject({ code: 124 });
	expect(await run(['stop'])).toMatchObject({ code: 0, errors: '' });
});
