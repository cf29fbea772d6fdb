/** `withdaemon start`, `status`, `ps`, `restart` and `stop`, each in a process of its own. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'vitest';
import { fixture } from '../support/fixtures.ts';
import { POLL, releasing } from '../support/released.ts';

const CONFIG = 'withdaemon.config.json';
const sleeper = { startupCommand: 'echo ready; exec sleep 1000', lookFor: 'ready', timeout: 300_000 };
const server = { startupCommand: [process.execPath, fixture('listens.mjs'), '{port}'], port: 'auto', timeout: 300_000 };

test.concurrent('a group that was started is known to status, ps and stop, and nothing is left after that', async context => {
	const { expect } = context;
	const { run, paths } = releasing(context, { [CONFIG]: { db: sleeper, api: { ...sleeper, dependsOn: 'db' } } });
	const started = await run(['start']);
	expect(started.code).toBe(0);
	expect(started.output).toMatch(/^db is ready after \S+ m?s, pid \d+\napi is ready after \S+ m?s, pid \d+\n$/);
	const [status, all, again] = await Promise.all([run(['status', '--json']), run(['ps']), run(['start'])]);
	expect(JSON.parse(status.output)).toMatchObject([
		{ name: 'db', state: 'ready', dependsOn: [] },
		{ name: 'api', state: 'ready', dependsOn: ['db'] },
	]);
	expect(all.output).toMatch(/^NAME .*\ndb .*\napi .*\n$/);
	expect(again.code).toBe(0);
	expect(again.output).toMatch(/^db runs already, pid \d+\napi runs already, pid \d+\n$/);
	expect(status.code).toBe(0);
	const stopped = await run(['stop']);
	expect(stopped).toMatchObject({ code: 0, errors: '' });
	expect(stopped.output).toMatch(/^api was stopped in .*; nothing is left\ndb was stopped in .*; nothing is left\n$/);
	await expect.poll(paths, POLL).toEqual([]);
	const [after, nothing] = await Promise.all([run(['status']), run(['stop'])]);
	expect(after.code).toBe(3);
	expect(after.output).toMatch(/^NAME .*\ndb +stopped .*\napi +stopped .*\n$/);
	expect(nothing).toMatchObject({ code: 0, output: 'Nothing runs here.\n' });
});

test.concurrent('status tells the truth about each service of the config file, and of what else was started', async context => {
	const { expect } = context;
	const config = { db: sleeper, migrate: { startupCommand: 'true', task: true }, api: sleeper };
	const { run, folder } = releasing(context, {
		'withdaemon.config.mjs': `console.log('loading'); export default ${JSON.stringify(config)};`,
	});
	const [other, db] = [await run(['start', 'other', '--', 'sleep', '1000']), await run(['start', 'db'])];
	expect([other.code, db.code]).toEqual([0, 0]);
	const again = await run(['start', 'other', '--', 'sleep', '2000']);
	const hint = '`withdaemon stop other` has to end it first: `restart` would start it as it was\n';
	expect([again.errors.endsWith(hint), again.code]).toEqual([true, 5]);
	const { output, errors, code } = await run(['status', '--json']);
	expect(JSON.parse(output)).toMatchObject([
		{ name: 'other', state: 'ready' },
		{ name: 'db', state: 'ready' },
		{ name: 'api', state: 'stopped', why: 'it was not started, or was stopped', pid: null },
	]);
	expect([errors, code]).toEqual(['loading\n', 3]);
	const [typo, idle, completed] = await Promise.all([
		run(['status', 'db', 'apu', '--json']),
		run(['status', 'api']),
		run(['completion', 'bash', '--', 'status', '']),
	]);
	expect(typo).toMatchObject({ code: 2, output: '', errors: 'loading\nNo service is called apu. Did you mean api?\n' });
	expect(idle).toMatchObject({ code: 3, output: expect.stringMatching(/^NAME .*\napi +stopped /) });
	expect(completed).toMatchObject({ code: 0, output: 'db\napi\nother\n' });
	writeFileSync(join(folder, 'withdaemon.config.mjs'), "throw new Error('not today');");
	const [broken, named, ...unknown] = await Promise.all(
		[['status'], ['status', 'db'], ['stop', 'bd'], ['status', 'bd']].map(words => run(words)),
	);
	expect(broken?.output).toMatch(/^NAME .*\nother +ready .*\ndb +ready .*\n$/);
	const why = `withdaemon.config.mjs: It cannot be loaded: Error: not today\n    at file://${folder}/withdaemon.config.mjs:1:7\n`;
	expect([broken?.errors, broken?.code]).toEqual([why, 2]);
	expect([named?.errors, named?.code]).toEqual(['', 0]);
	expect(unknown).toMatchObject([
		{ errors: why, code: 2 },
		{ errors: why, code: 2 },
	]);
	const stopped = await run(['stop']);
	expect(stopped.output).toMatch(
		/^db was stopped .*\nother was stopped .*\n$|^other was stopped .*\ndb was stopped .*\n$/,
	);
	expect([stopped.errors, stopped.code]).toEqual([why, 0]);
});

test.concurrent('another definition is refused with what differs, and restart takes it over on the same port', async context => {
	const { expect } = context;
	const checkout = releasing(context, { [CONFIG]: { api: { ...server, env: { LEVEL: 1, TOKEN: 'one' } } } });
	const started = await checkout.run(['start']);
	const before = await checkout.status('api');
	expect(before).toMatchObject({ state: 'ready', port: expect.any(Number) });
	expect(started.output).toMatch(new RegExp(`, pid ${before['pid']}, port ${before['port']}\n$`));
	const changed = { api: { ...server, env: { LEVEL: 2, TOKEN: 'two' } } };
	writeFileSync(join(checkout.folder, CONFIG), JSON.stringify(changed));
	const refused = await checkout.run(['start']);
	expect(refused.code).toBe(5);
	expect(refused.errors.replace(/pid \d+/, 'pid N')).toMatchInlineSnapshot(`
		"api is already running as pid N
		  differs      env.LEVEL   is 1, would be 2
		               env.TOKEN   would have another value
		  hint         \`withdaemon restart api\` takes over what has changed
		"
	`);
	expect(await checkout.run(['restart', 'api'])).toMatchObject({ code: 0 });
	const after = await checkout.status('api');
	expect(after).toMatchObject({ state: 'ready', port: before['port'] });
	expect(after['pid']).not.toBe(before['pid']);
	expect(readFileSync(`/proc/${after['pid']}/environ`, 'utf8')).toContain('LEVEL=2\0');
});

test.concurrent('a unix socket outlives the commands that make it, and is gone after stop', async context => {
	const { expect } = context;
	const serve = "require('net').createServer(c => c.end('hi')).listen({ fd: 3 }, () => console.log('ready'))";
	const api = {
		startupCommand: [process.execPath, '-e', serve],
		listen: './api.sock',
		lookFor: 'ready',
		timeout: 300_000,
	};
	const { run, folder } = releasing(context, { [CONFIG]: { api } });
	const answer = async () => await text(connect(join(folder, 'api.sock')));
	expect(await run(['start'])).toMatchObject({ code: 0 });
	expect(await answer()).toBe('hi');
	expect(await run(['restart', 'api'])).toMatchObject({ code: 0 });
	expect(await answer()).toBe('hi');
	expect(await run(['stop'])).toMatchObject({ code: 0 });
	expect(existsSync(join(folder, 'api.sock'))).toBe(false);
});

test.concurrent('a start that fails leaves nothing of those that were ready already', async context => {
	const { expect } = context;
	const api = { startupCommand: 'exit 3;', lookFor: 'x', dependsOn: 'db', timeout: 300_000 };
	const { run, paths } = releasing(context, { [CONFIG]: { db: sleeper, api } });
	const failed = await run(['start']);
	expect(failed).toMatchObject({ code: 5, errors: expect.stringContaining('api exited with code 3') });
	expect(await run(['ps'])).toMatchObject({ output: 'Nothing was started.\n' });
	await expect.poll(paths, POLL).toEqual([]);
});

test.concurrent('a daemon that died is reported with its log by status and stop, and started anew', async context => {
	const { expect } = context;
	const { run, status, kill, paths } = releasing(context, {
		[CONFIG]: { api: { ...sleeper, startupCommand: 'echo last words; echo ready; exec sleep 1000' } },
	});
	const end = async () => {
		await kill('api');
		await expect.poll(async () => (await status('api'))['state'], POLL).toBe('dead');
	};
	await run(['start']);
	await end();
	expect(await run(['status'])).toMatchObject({ code: 3, output: expect.stringContaining('it has ended') });
	const again = await run(['start']);
	expect(again).toMatchObject({ code: 0, output: expect.stringMatching(/^api is ready/) });
	// On a busy machine, later lines say what is waited for.
	expect(again.errors.replace(/^withdaemon: .*\n/gm, '')).toMatchInlineSnapshot(`
		"api ended with an unknown exit status while it was in use
		  log          | last words
		               | ready
		"
	`);
	await end();
	const stopped = await run(['stop']);
	expect(stopped).toMatchObject({ code: 3, errors: expect.stringContaining('last words') });
	await expect.poll(paths, POLL).toEqual([]);
});

test.concurrent('stop that needs force, or finds a survivor, says so and exits with 4 unless the service is not strict', async context => {
	const { expect } = context;
	const stubborn = {
		startupCommand: [fixture('ignores-signals.sh'), 'TERM'],
		lookFor: 'ready',
		startupTimeout: 300_000,
		shutdownTimeout: 100,
	};
	// It has left the session when it says so.
	const escapes = 'setsid sh -c "echo ready; exec sleep 1000" & exec sleep 1000';
	const leaky = { startupCommand: escapes, lookFor: 'ready', timeout: 300_000 };
	const { run, paths } = releasing(context, {
		[CONFIG]: { stubborn, leaky, lenient: { ...leaky, strict: false } },
	});
	await run(['start']);
	const warned = await run(['stop', 'lenient']);
	expect(warned).toMatchObject({ code: 0, errors: expect.stringContaining('lenient left a process behind') });
	const stopped = await run(['stop']);
	expect(stopped.code).toBe(4);
	expect(stopped.errors).toMatch(/stubborn did not end within 100 ms of SIGTERM, and was ended by SIGKILL/);
	expect(stopped.errors).toMatch(/leaky left a process behind\n +survivor .*sleep 1000/);
	await expect.poll(paths, POLL).toEqual([]);
});

test.concurrent('two checkouts never meet, although they have the same names', async context => {
	const { expect } = context;
	const one = releasing(context, { [CONFIG]: { api: sleeper } });
	// They share one registry, as the checkouts of a user do.
	const other = releasing(context, { [CONFIG]: { api: sleeper } }, join(one.folder, 'tmp'));
	await Promise.all([one.run(['start']), other.run(['start'])]);
	const { pid } = await other.status('api');
	expect(await one.run(['stop'])).toMatchObject({ code: 0 });
	expect(JSON.parse((await one.run(['ps', '--json'])).output)).toMatchObject([{ pid, state: 'ready' }]);
	expect(await other.run(['stop'])).toMatchObject({ code: 0 });
});

test.concurrent('two starts of one daemon at once start one, and the other one waits for it', async context => {
	const { expect } = context;
	const { run } = releasing(context, { [CONFIG]: { api: sleeper } });
	const results = await Promise.all([run(['start']), run(['start'])]);
	expect(results.map(({ code }) => code)).toEqual([0, 0]);
	const outputs = results.map(({ output }) => output.replace(/,? (?:after|pid) .*/, '').trim());
	expect(outputs.toSorted()).toEqual(['api is ready', 'api runs already']);
});

test.concurrent('an unknown name is refused with the nearest one', async context => {
	const { expect } = context;
	const { run } = releasing(context, { [CONFIG]: { api: sleeper } });
	const results = await Promise.all([run(['stop', 'apy']), run(['start', 'apy']), run(['restart', 'apy'])]);
	for (const { code, errors } of results)
		expect([code, errors]).toEqual([2, 'No service is called apy. Did you mean api?\n']);
});

test.concurrent('options that tie a daemon to the process that starts it are refused', async context => {
	const { expect } = context;
	const tied = { a: { ...sleeper, stdin: 'open' }, b: { startupCommand: 'sleep 1', noclose: true } };
	const refused = await releasing(context, { [CONFIG]: tied }).run(['start']);
	expect(refused.code).toBe(2);
	expect(refused.errors).toMatchInlineSnapshot(`
		"daemons has 2 invalid options
		  option       a: \`stdin: 'open'\` ends with the process that has started it, which a released daemon outlives.
		               b: \`noclose\` keeps the terminal or the pipe of the process that has started it, which a released daemon outlives.
		"
	`);
});

test.concurrent('a task gives no released daemon its folder, which is removed when all have started', async context => {
	const { expect } = context;
	const seed = { startupCommand: 'true;', task: true };
	const config = {
		alone: { ...seed, exports: { ALONE: '{dir}' } },
		initdb: { ...seed, exports: { PGDATA: '{dir}/data' } },
		check: { ...seed, dependsOn: 'initdb', exports: { CHECKED: '{initdb.dir}' } },
		db: { ...sleeper, dependsOn: 'check', exports: { SOCKET: '{dir}', SEED: '{initdb.dir}' } },
	};
	const { run } = releasing(context, { [CONFIG]: config });
	const refused = await run(['start']);
	expect(refused.code).toBe(2);
	expect(refused.errors).toMatchInlineSnapshot(`
		"daemons has 3 invalid options
		  option       initdb: \`exports\` has PGDATA, with the {dir} of the task initdb, which is removed when all have started. What a released daemon needs has to be in its own {dir}, or in a folder of yours.
		               check: \`exports\` has CHECKED, with the {dir} of the task initdb, which is removed when all have started. What a released daemon needs has to be in its own {dir}, or in a folder of yours.
		               db: \`exports\` has SEED, with the {dir} of the task initdb, which is removed when all have started. What a released daemon needs has to be in its own {dir}, or in a folder of yours.
		"
	`);
	expect(await run(['restart', 'db'])).toEqual(refused);
});

test.concurrent('a single service is started by its flags, and restarted as it was, without a config file', async context => {
	const { expect } = context;
	const { run, status } = releasing(context);
	const command = [process.execPath, fixture('listens.mjs'), '{port}'];
	const started = await run([
		'start',
		'api',
		'--port',
		'auto',
		'--timeout',
		'300000',
		'--look-for',
		'/rea.y/',
		'--',
		...command,
	]);
	expect(started).toMatchObject({ code: 0, output: expect.stringMatching(/^api is ready/) });
	const { port } = await status('api');
	expect(await run(['restart', 'api'])).toMatchObject({ code: 0 });
	expect(await status('api')).toMatchObject({ state: 'ready', port });
	expect(await run(['start', 'api', 'more', '--', 'true'])).toMatchObject({
		code: 2,
		errors: 'error: a command has to come after --, but got more\n',
	});
	for (const { code, errors } of await Promise.all(['status', 'stop', 'logs'].map(word => run([word, 'apy']))))
		expect([code, errors]).toEqual([2, 'No service is called apy. Did you mean api?\n']);
	await run(['stop']);
	expect(await run(['status', 'api'])).toMatchObject({
		code: 3,
		errors: '',
		output: expect.stringContaining('stopped'),
	});
	expect(await run(['stop', 'api'])).toMatchObject({ code: 0, output: 'Nothing runs here.\n', errors: '' });
	const [logs, wait] = await Promise.all(['logs', 'wait'].map(word => run([word, 'api'])));
	expect(logs).toMatchObject({ code: 3, output: '', errors: 'api does not run.\n' });
	expect(wait).toMatchObject({ code: 2, errors: expect.stringMatching(/^No service is called api in \//) });
});
