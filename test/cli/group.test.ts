/** `withdaemon start` of groups, and what comes in its way. */
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { fixture } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';
import { POLL, releasing } from '../support/released.ts';

const CONFIG = 'withdaemon.config.json';
const sleeper = { startupCommand: 'echo ready; exec sleep 1000', lookFor: 'ready', timeout: 300_000 };

test.concurrent('a member gets what one that runs already exports, and a task is done only for members that need it', async context => {
	const { expect } = context;
	const db = {
		startupCommand: [process.execPath, fixture('listens.mjs'), '{port}'],
		port: 'auto',
		timeout: 300_000,
		exports: { DB_URL: 'db:{port}' },
	};
	const migrate = { startupCommand: 'echo done >> migrations;', task: true, dependsOn: 'db', timeout: 300_000 };
	const api = {
		startupCommand: 'echo "ready $DB_URL"; exec sleep 1000',
		lookFor: 'ready',
		dependsOn: 'migrate',
		timeout: 300_000,
	};
	const { folder, run, status } = releasing(context, { [CONFIG]: { db, migrate, api } });
	expect(await run(['start', 'db'])).toMatchObject({ code: 0, output: expect.stringMatching(/^db is ready.*\n$/) });
	const { port } = await status('db');
	const started = await run(['start']);
	expect(started.code).toBe(0);
	expect(started.output).toMatch(/^db runs already, .*\nmigrate is done\napi is ready .*\n$/);
	expect((await run(['logs', 'api'])).output).toBe(`ready db:${port}\n`);
	expect((await run(['start'])).output).toMatch(/^db runs already, .*\napi runs already, .*\n$/);
	expect(readFileSync(join(folder, 'migrations'), 'utf8')).toBe('done\n');
	const stopped = await run(['stop']);
	expect(stopped).toMatchObject({ code: 0, errors: '', output: expect.stringMatching(/^api was .*\ndb was .*\n$/) });
});

test.concurrent('stop waits for a start that is under way, and then stops what it has brought up', async context => {
	const { expect } = context;
	const slow = {
		startupCommand: 'echo up >> steps; until [ -e go ]; do sleep 0.05; done; echo ready; exec sleep 1000',
		lookFor: 'ready',
		timeout: 300_000,
	};
	const { folder, run, begin, paths } = releasing(context, { [CONFIG]: { slow } });
	const starter = begin(['start']);
	const started = once(starter, 'exit');
	await expect.poll(() => existsSync(join(folder, 'steps')), POLL).toBe(true);
	const shown = new RegExp(`starting .*process ${starter.pid}`);
	await expect.poll(async () => (await run(['status', 'slow'])).output, POLL).toMatch(shown);
	const stopper = begin(['stop']);
	const stopped = once(stopper, 'exit');
	const [said] = await once(stopper.stderr ?? stopper, 'data');
	expect(String(said)).toBe(`slow: waiting for \`start\`, process ${starter.pid}, to be done with it\n`);
	const [reminder] = await once(starter.stderr ?? starter, 'data');
	expect(String(reminder)).toMatch(/^withdaemon: slow is starting for .*, and has logged nothing\n/);
	writeFileSync(join(folder, 'go'), '');
	expect([await started, await stopped]).toEqual([
		[0, null],
		[0, null],
	]);
	await expect.poll(paths, POLL).toEqual([]);
});

test.concurrent('Ctrl-C during a start ends everything that it has begun', async context => {
	const { expect } = context;
	const silent = {
		startupCommand: 'echo $$ > pid; exec sleep 1000',
		lookFor: 'never',
		dependsOn: 'db',
		timeout: 300_000,
	};
	const { folder, begin, paths } = releasing(context, { [CONFIG]: { db: sleeper, silent } });
	const starter = begin(['start']);
	const ended = once(starter, 'exit');
	const file = join(folder, 'pid');
	await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'), POLL).toBe(true);
	starter.kill('SIGINT');
	expect(await ended).toEqual([130, null]);
	expect(isGone(Number(readFileSync(file, 'utf8')))).toBe(true);
	await expect.poll(paths, POLL).toEqual([]);
});

test.concurrent('the log of an earlier start is not shown, although it is in the same file', async context => {
	const { expect } = context;
	const { run, status } = releasing(context, { [CONFIG]: { sleeper: { ...sleeper, logFile: 'own.log' } } });
	await run(['start']);
	const { log } = await status('sleeper');
	appendFileSync(String(log), 'more\n');
	await run(['restart', 'sleeper']);
	// Only what belongs to this start.
	expect((await run(['logs', 'sleeper'])).output).toBe('ready\n');
});
