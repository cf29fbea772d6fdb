import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
	defineDaemons,
	InvalidOptionError,
	LeakError,
	type RunningDaemon,
	startDaemons,
	withDaemons,
} from '../src/index.ts';
import type { TypedPattern } from '../src/log/captures.ts';
import { temporaryFolder } from './support/fixtures.ts';
import { watchTraces } from './support/traces.ts';

const ready = { startupCommand: 'echo ready; exec sleep 1000', lookFor: 'ready' };

/** Notes in a file when it begins, when it is ready and when it ends. */
const noting = (name: string, file: string) => ({
	startupCommand: [
		...['sh', '-c', 'trap \'echo "$0 ends" >> "$1"; exit 0\' TERM; echo "$0 begins" >> "$1"'],
		...[name, file],
	].map((word, index) =>
		index === 2 ? `${word}; echo "$0 is ready" >> "$1"; echo ready; while :; do sleep 0.02; done` : word,
	),
	lookFor: 'ready',
});

describe('a group', () => {
	test('starts each member after those that it depends on, and ends it before them', async () => {
		const file = join(temporaryFolder(), 'notes');
		const { left } = watchTraces();
		const graph = {
			web: ['api', 'worker'],
			api: ['cache', 'queue'],
			worker: ['queue'],
			cache: ['db'],
			queue: ['db'],
			db: [],
		};
		const group = Object.fromEntries(
			Object.entries(graph).map(([name, dependsOn]) => [name, { ...noting(name, file), dependsOn }]),
		);
		const names = await withDaemons(group, daemons =>
			Object.values(daemons).map(({ name, state }) => `${name} ${state}`),
		);
		expect(new Set(names)).toEqual(new Set(Object.keys(graph).map(name => `${name} ready`)));
		const notes = readFileSync(file, 'utf8').trim().split('\n');
		const pairs = Object.entries(graph).flatMap(([name, others]) =>
			others.flatMap(other => [
				[`${other} is ready`, `${name} begins`],
				[`${name} ends`, `${other} ends`],
			]),
		);
		const isWrong = ([first = '', second = '']: readonly string[]) => notes.indexOf(first) >= notes.indexOf(second);
		expect(pairs.filter(isWrong)).toEqual([]);
		expect(notes).toHaveLength(18);
		expect(left()).toEqual([]);
	});

	test('starts what does not depend on each other in parallel', async () => {
		const folder = temporaryFolder();
		const meets = (own: string, other: string) => ({
			startupCommand: [
				...['sh', '-c', 'touch "$0/$1"; until [ -e "$0/$2" ]; do sleep 0.02; done; echo ready; exec sleep 1000'],
				...[folder, own, other],
			],
			lookFor: 'ready',
		});
		const both = await withDaemons({ a: meets('a', 'b'), b: meets('b', 'a') }, ({ a, b }) => [a.state, b.state]);
		expect(both).toEqual(['ready', 'ready']);
	});

	test('gives exports to all dependents, to the function, and members to functions that return options', async () => {
		const show = { startupCommand: 'echo "url $URL"; exec sleep 1000', lookFor: 'url' };
		const group = defineDaemons({
			db: {
				startupCommand: 'echo "at {port} secret 7"; exec sleep 1000',
				lookFor: /secret (?<secret>\d)/,
				port: 'auto',
				ready: [],
				exports: { URL: 'db:{port}/{captures.secret}' },
			},
			api: { ...show, dependsOn: 'db', exports: { API: '{db.port}' } },
			web: { dependsOn: ['api'], options: ({ db }: { db: RunningDaemon }) => ({ ...show, env: { PORT: db.port } }) },
			own: { ...show, dependsOn: 'db', env: { URL: 'mine' } },
			alone: { ...show, env: { URL: undefined } },
		});
		await withDaemons(group, ({ db, api, web, own, alone }, { exports }) => {
			const url = `db:${db.port}/7`;
			expect(exports).toEqual({ URL: url, API: String(db.port) });
			expect(db.exports).toEqual({ URL: url });
			expect([api, web, own, alone].map(({ log }) => log.text())).toEqual([
				...[`url ${url}\n`, `url ${url}\n`],
				...['url mine\n', 'url \n'],
			]);
			expect(web.env).toMatchObject({ PORT: db.port });
		});
	});

	test('what a member exports is not filled in again with the values of a dependent', async () => {
		const told = join(temporaryFolder(), 'told');
		const show = { startupCommand: 'echo "url $URL"; exec sleep 1000', lookFor: 'url', dependsOn: 'db' } as const;
		const group = {
			db: {
				startupCommand: 'printf "for {%s}\\n" port; exec sleep 1000',
				lookFor: /for (?<text>.*)/,
				exports: { URL: '{captures.text}' },
			},
			// It gets its own port, too.
			api: { ...show, env: { OWN: '{port}' }, port: 'auto', ready: [] },
			// Without a port there is nothing that could be filled in.
			web: { ...show, shutdownCommand: `echo "$URL" >'${told}'; kill $(cat {pidFile})` },
		} as const;
		await withDaemons(group, ({ api, web }) => {
			expect([api, web].map(({ log }) => log.text())).toEqual(['url {port}\n', 'url {port}\n']);
		});
		expect(readFileSync(told, 'utf8')).toBe('{port}\n');
	});

	test('a task that exits with 0, but has not met its conditions, is not done', async () => {
		const migrate = { startupCommand: 'echo nothing to do', lookFor: 'migrated', task: true };
		await expect(startDaemons({ migrate })).rejects.toThrow(
			/^migrate exited with code 0 before [\s\S]*log line "migrated"/,
		);
	});

	test('what a member that was given up has left is reported, too', async () => {
		const folder = temporaryFolder();
		const { left } = watchTraces();
		const sh = (script: string) => ({ startupCommand: ['sh', '-c', script, folder], lookFor: 'ready' });
		// What is left says so itself: before it has its own session, it would end with the daemon.
		const leaves = sh(`setsid sh -c 'touch "$0/begun"; exec sleep 1000' "$0" & exec sleep 1000`);
		const fails = sh('until [ -e "$0/begun" ]; do sleep 0.02; done; exit 3');
		const { errors } = await startDaemons({ leaves, fails }).catch(error => error);
		expect(errors).toMatchObject([{ daemon: 'fails' }, { daemon: 'leaves' }]);
		expect(errors[1].message).toContain('survivor');
		expect(left()).toEqual([]);
	});

	test('that is given up by the function of a member does not wait for that member', async () => {
		const over = new AbortController();
		const never = { startupCommand: 'sleep 1000', lookFor: 'never', startupTimeout: 600_000 };
		const options = () => {
			over.abort(new Error('enough'));
			return never;
		};
		await expect(startDaemons({ never: { options } }, { signal: over.signal })).rejects.toThrow('enough');
	});

	test('that was ended by its signal tells its errors once', async () => {
		const over = new AbortController();
		const leaves = { startupCommand: 'setsid sh -c "echo ready; exec sleep 1000" & exec sleep 1000', lookFor: 'ready' };
		const group = await startDaemons({ leaves }, { signal: over.signal });
		over.abort();
		await expect(group[Symbol.asyncDispose]()).rejects.toThrow(LeakError);
		await group[Symbol.asyncDispose]();
	});

	test('a task is done before its dependents start, and its log and captures stay', async () => {
		const done = join(temporaryFolder(), 'done');
		const group = {
			migrate: {
				startupCommand: ['sh', '-c', 'echo "rows 5"; echo > "$0"', done],
				lookFor: /rows (?<rows>\d)/,
				task: true,
			},
			api: {
				startupCommand: ['sh', '-c', '[ -e "$0" ] && echo ready; exec sleep 1000', done],
				lookFor: 'ready',
				dependsOn: 'migrate',
			},
		};
		await withDaemons(group, async ({ migrate }) => {
			expect(migrate.state).toBe('stopped');
			expect(await migrate.exited).toEqual({ code: 0, signal: null });
			expect(migrate.captures['rows']).toBe('5');
			expect(migrate.log.lines()).toEqual(['rows 5']);
		});
	});

	test('names every problem of every member in one error, before anything is started', async () => {
		const file = join(temporaryFolder(), 'started');
		const group = {
			first: { startupCommand: ['touch', file] },
			db: { startupCommand: 'x', prot: 1, timeout: '5s', exports: { URL: '{ort}' } },
			web: { startupCommand: 'x', dependsOn: ['bd', 'api'], task: 1 },
			api: { startupCommand: 'x', dependsOn: 'web', exports: { A: '{port}' } },
			'a b': { startupCommand: 'x' },
			later: { options: () => ready, port: 1 },
			none: 5,
		};
		const error = await withDaemons(group as never, () => {}, { startupTimeout: -1 }).catch(
			(reason: unknown) => reason,
		);
		expect(error).toBeInstanceOf(InvalidOptionError);
		const { problems } = error as InvalidOptionError;
		expect(problems.map(problem => problem.split('. ')[0])).toEqual([
			'Expected `startupTimeout` to be a number of milliseconds from 1 to 2147483647, but got -1 (number).',
			'db: Unknown option `prot`, with the value 1 (number)',
			'db: Expected `timeout` to be a number of milliseconds from 1 to 2147483647, but got "5s" (string).',
			'web: Expected `task` to be a boolean, but got 1 (number).',
			'a b: The name of a member has to be letters, digits, _ and -, without a digit first.',
			expect.stringMatching(/^later: Unknown option `port`, with the value 1 \(number\)/),
			'none: A member has to be an object of options, but got 5 (number).',
			expect.stringMatching(/^web: Expected `dependsOn` to name other members of the group, but got "bd" \(string\)/),
			'web: Expected `dependsOn` to lead to no circle, but got web → api → web.',
			'db: `exports` uses {ort}, which nothing fills in',
			'api: `exports` uses {port}, but no `port` is asked for.',
		]);
		expect(existsSync(file)).toBe(false);
		expect(() => defineDaemons({})).toThrow('A group has to have at least one member.');
		expect(() => defineDaemons([] as never)).toThrow('A group has to be an object of members, but got [] (array).');
		await expect(withDaemons({ ready }, undefined as never)).rejects.toThrow('`withDaemons` needs a function');
	});

	test.each([
		['nothing', () => undefined, 'an object of options, but it returned undefined'],
		[
			'a promise',
			async () => await Promise.reject(new Error('late')),
			'an object of options, but it returned a promise',
		],
		['a list', () => [ready], 'an object of options, but it returned ['],
		['a wrong option', () => ({ ...ready, prot: 1 }), 'Unknown option `prot`'],
		['a task that goes on', () => ({ ...ready, pidFile: '/x', forking: true }), '`task` and `forking` contradict'],
	])('a function that returns %s is refused by its member', async (_, options, problem) => {
		const run = withDaemons({ api: { task: true, options } } as never, () => expect.unreachable());
		const error = await run.catch(String);
		expect(error).toMatch(/^InvalidOptionError: api: /);
		expect(error).toContain(problem);
	});

	test('a function that uses a member on which it does not depend is refused', async () => {
		const options = ({ db }: { db: RunningDaemon }) => ({ ...ready, env: { PID: db.pid } });
		const run = withDaemons({ db: ready, api: { dependsOn: [], options } }, () => {});
		await expect(run).rejects.toThrow('api: `options` uses db, on which it does not depend: name it in `dependsOn`.');
		const signal = new AbortController().signal;
		const returned = withDaemons({ api: { options: () => ({ ...ready, signal }) } }, () => {});
		await expect(returned).rejects.toThrow('`signal` cannot be returned by a function: give it to the group.');
	});

	test('is ended as a whole at the end of the block, and safe to end twice', async () => {
		const { left } = watchTraces();
		const daemons = await startDaemons({ end: ready, toString: { ...ready, dependsOn: 'end' } });
		expect(Object.keys(daemons)).toEqual(['end', 'toString']);
		expect(daemons.end.isAlive() && daemons.toString.isAlive()).toBe(true);
		await Promise.all([daemons[Symbol.asyncDispose](), daemons[Symbol.asyncDispose]()]);
		await daemons[Symbol.asyncDispose]();
		expect(left()).toEqual([]);
	});

	test('is ended by a signal, of the group or of a member, in the start and in use', async () => {
		const { left } = watchTraces();
		const controller = new AbortController();
		const reason = new Error('enough');
		const never = { startupCommand: 'echo begun; exec sleep 1000', lookFor: 'ready' };
		const starting = startDaemons({ db: ready, api: { ...never, dependsOn: 'db', signal: controller.signal } });
		controller.abort(reason);
		await expect(starting).rejects.toMatchObject({ code: 'ERR_DAEMON_STARTUP', daemon: 'daemons', cause: reason });
		const later = new AbortController();
		const use = () => {
			later.abort(reason);
			return new Promise(() => {});
		};
		await expect(withDaemons({ ready }, use, { signal: later.signal })).rejects.toBe(reason);
		expect(left()).toEqual([]);
	});

	test('types the members and their captures, and refuses names and options that do not exist', () => {
		const typed = /(?<port>\d+)/ as TypedPattern<{ port: string }>;
		const group = defineDaemons({ db: { startupCommand: 'x', lookFor: typed }, api: { ...ready, dependsOn: 'db' } });
		const use = () => withDaemons(group, ({ db }): string => db.captures.port);
		expect(use).toBeTypeOf('function');
		// @ts-expect-error: there is no such member.
		expect(() => defineDaemons({ db: ready, api: { ...ready, dependsOn: 'dc' } })).toThrow('"dc"');
		// @ts-expect-error: there is no such option.
		expect(() => defineDaemons({ db: { ...ready, dependOn: 'x' } })).toThrow('dependOn');
		// @ts-expect-error: a time is in ms.
		expect(() => defineDaemons({ db: { ...ready, timeout: '5s' } })).toThrow('timeout');
	});
});

test('a task that is done leaves its log to a dependent', async () => {
	const logFile = join(temporaryFolder(), 'both.log');
	const migrate = { startupCommand: 'true', task: true, logFile };
	const app = {
		startupCommand: ['sh', '-c', 'echo ready; exec sleep 1000'],
		lookFor: 'ready',
		dependsOn: 'migrate',
		logFile,
	};
	await withDaemons({ migrate, app } as const, ({ app }) => expect(app.log.lines()).toEqual(['ready']));
});
