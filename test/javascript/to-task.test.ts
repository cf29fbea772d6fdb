import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Daemon, type DaemonOptions, StartupError, withDaemon } from '../../src/index.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { ps } from '../support/processes.ts';
import { project } from '../support/projects.ts';

const module = fixture('serves.mjs');
const lookFor = /listening on (?<port>\d+)/;
const linesOf = (options: DaemonOptions) => withDaemon(options, ({ log }) => log.lines());
const answerOf = (options: DaemonOptions) =>
	withDaemon(options, async ({ captures }) => await (await fetch(`http://127.0.0.1:${captures['port']}`)).text());

/** Waits for ever for a daemon that has been told to die. */
const dies = ({ pid }: { readonly pid: number }) => process.kill(pid, 'SIGUSR2') && new Promise<never>(() => {});

/** The error of a start that has to fail, however late. */
async function failureOf(
	options: DaemonOptions,
): Promise<StartupError & { readonly cause: Error & { code?: unknown } }> {
	const error: unknown = await withDaemon({ ready: () => false, ...options }, () => 'is ready').catch(
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(StartupError);
	return error as StartupError & { cause: Error };
}

describe('a function', () => {
	test('runs in a Node process of its own, which is the daemon', async () => {
		const startupCommand = () => {
			console.log(process.pid, process.cwd());
			setInterval(() => {}, 1000);
		};
		await withDaemon({ startupCommand, lookFor: /^\d+ \// }, ({ pid, log }) => {
			expect(log.lines()).toEqual([`${pid} ${process.cwd()}`]);
			const [sid, ppid, tty] = ps(pid, 'sid', 'ppid', 'tty');
			expect([sid, tty]).toEqual([ppid, '?']);
		});
		const elsewhere = { startupCommand, lookFor: /^\d+ \//, cwd: '/' };
		await withDaemon(elsewhere, ({ pid, log }) => expect(log.lines()).toEqual([`${pid} /`]));
	});

	test('is called with its arguments: structured data, in which placeholders are filled in', async () => {
		const deep: unknown[] = ['{dir}/x', /re/g];
		deep.push(deep);
		const args = [new Map([['a', 1n]]), new Date(0), { deep }] as const;
		const show = (map: Map<string, bigint>, date: Date, { deep }: { deep: [string, RegExp, unknown] }) => {
			console.log(map.get('a'), date.getTime(), deep[0], deep[1].flags, deep[2] === deep, 'ready');
			setInterval(() => {}, 1000);
		};
		await withDaemon({ startupCommand: { function: show, args }, lookFor: 'ready' }, ({ name, dir, log }) => {
			expect(log.lines()).toEqual([`1n 0 ${dir}/x g true ready`]);
			expect(name).toBe('show');
		});
	});

	test('can be a method, async, or a wrapper of others', async () => {
		const holder = {
			async serve() {
				const inner = function named() {};
				console.log(inner.name, 'ready');
				setInterval(() => {}, 1000);
			},
		};
		expect(await linesOf({ startupCommand: holder.serve, lookFor: 'ready' })).toEqual(['named ready']);
	});

	test('imports from Node, from a package, and from a file beside its own', async () => {
		const startupCommand = async () => {
			const { basename } = await import('node:path');
			const { execa } = await import('execa');
			const { processes } = { processes: await import('../support/processes.ts') };
			console.log(basename('/a/b'), typeof execa, typeof processes.isGone, 'ready');
			setInterval(() => {}, 1000);
		};
		expect(await linesOf({ startupCommand, lookFor: 'ready' })).toEqual(['b function function ready']);
	});

	test('is reported with its error and its line in this file if it throws before it is ready', async () => {
		const startupCommand = async () => {
			await new Promise(resolve => setTimeout(resolve, 5));
			throw Object.assign(new RangeError('nine of eight'), { code: 'ENINE' }); // the place
		};
		const { message, exit, cause } = await failureOf({ startupCommand, lookFor: 'ready' });
		expect(message).toMatch(/^daemon exited with code 1 before it was ready: RangeError: nine of eight\n/);
		expect(exit).toEqual({ code: 1, signal: null });
		expect(cause).toBeInstanceOf(RangeError);
		expect(cause).toMatchObject({ name: 'RangeError', message: 'nine of eight', code: 'ENINE' });
		const place = /to-task\.test\.ts:\d+:\d+/.exec(cause.stack ?? '')?.[0] ?? '';
		expect(place).toBe(`to-task.test.ts:${lineOf('// the place')}:24`);
		expect(message).toContain(`thrown at    ${import.meta.filename}`);
	});

	test('is not ready after it has thrown, however long its end takes', async () => {
		const dying = join(temporaryFolder(), 'dying');
		const startupCommand = {
			args: [dying],
			function: async (file: string) => {
				const { writeFileSync } = await import('node:fs');
				process.on('exit', () => {
					writeFileSync(file, '');
					Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
				});
				throw new RangeError('slowly');
			},
		};
		// The report of the error was sent before the file was there. When the timer fires, the socket has been read.
		const ready = async () => existsSync(dying) && (await delay(1, true));
		expect((await failureOf({ startupCommand, ready })).cause).toMatchObject({ message: 'slowly' });
	});

	test('is refused with the names of the variables around it that it uses', async () => {
		const outside = 'not there';
		const { message, cause } = await failureOf({ startupCommand: () => console.log(outside), lookFor: 'ready' });
		expect(cause).toMatchObject({ name: 'ReferenceError', message: 'outside is not defined' });
		expect(message).toContain('the function of startupCommand refers to `outside`, which does not exist');
	});

	test('runs with the code that compilers and coverage tools add', async () => {
		const startupCommand = new Function(`return () => {
			const named = __name(() => {}, 'named');
			cov_1a2b().s[0]++; cov_1a2b().b[0][1]++;
			console.log(typeof named, require.resolve('node:fs'), 'ready');
			setInterval(() => {}, 1000);
		}`)() as () => void;
		expect(await linesOf({ startupCommand, lookFor: 'ready' })).toEqual(['function node:fs ready']);
	});

	test('can be a method with the name class', async () => {
		const holder = {
			class() {
				console.log('ready');
				setInterval(() => {}, 1000);
			},
		};
		expect(await linesOf({ startupCommand: holder.class, lookFor: 'ready' })).toEqual(['ready']);
	});

	test('ends if it rejects, however it handles rejections', async () => {
		const startupCommand = async () => {
			process.on('unhandledRejection', () => console.log('one more'));
			setInterval(() => {}, 1000);
			throw new RangeError('cannot migrate');
		};
		expect((await failureOf({ startupCommand })).cause).toMatchObject({ message: 'cannot migrate' });
		const env = { NODE_OPTIONS: '--unhandled-rejections=warn' };
		const rejects = () => Promise.reject(new RangeError('cannot migrate'));
		expect((await failureOf({ startupCommand: rejects, env })).cause).toMatchObject({ message: 'cannot migrate' });
	});

	test('is reported with whatever it throws, even if that is not an error', async () => {
		const startupCommand = () => {
			throw { status: 500, message: 'db down' };
		};
		const { cause, message } = await failureOf({ startupCommand });
		expect(cause).toBe("{ status: 500, message: 'db down' }");
		expect(message).toMatch(/before it was ready: \{ status: 500, message: 'db down' \}\n/);
		const odd = () => {
			throw Object.defineProperty(new RangeError('odd'), 'worse', {
				enumerable: true,
				get: () => {
					throw new TypeError('worse');
				},
			});
		};
		expect((await failureOf({ startupCommand: odd })).cause).toMatchObject({ name: 'RangeError', message: 'odd' });
		const endless = () => {
			const error = new RangeError('endless');
			throw Object.assign(error, { cause: error });
		};
		expect((await failureOf({ startupCommand: endless })).cause).toMatchObject({ cause: { message: 'endless' } });
	});

	test('ends if it returns and leaves nothing to do', async () => {
		const { message, cause } = await failureOf({ startupCommand: () => {} });
		expect(message).toMatch(/^daemon exited with code 0 before it was ready\n/);
		expect(cause).toBeUndefined();
	});
});

describe('an export of a module', () => {
	test('is the default export, or one by its name, and gets its arguments', async () => {
		expect(await answerOf({ startupCommand: { module }, lookFor })).toBe('hello you');
		const args = [{ name: 'Ada', extra: '{logFile}' }];
		const startupCommand = { module: pathToFileURL(module), export: 'default', args };
		await withDaemon({ startupCommand, lookFor, name: 'api' }, async ({ captures, log }) => {
			const response = await fetch(`http://127.0.0.1:${captures['port']}`);
			expect(await response.text()).toBe(`hello Ada${log.path}`);
		});
	});

	test('is resolved from the working directory of the caller', async () => {
		expect(await answerOf({ startupCommand: { module: 'fixtures/serves.mjs' }, lookFor, cwd: '/' })).toBe('hello you');
	});

	test.each(['atOnce', 'later', 'deepDown'])(
		'that throws %s is reported by its error, with its stack and its cause',
		async name => {
			const startupCommand = { module: fixture('throws.mjs'), export: name };
			const { cause, message } = await failureOf({ startupCommand, lookFor: 'never said' });
			expect(cause).toMatchObject({ name: 'DatabaseError', message: 'cannot open the database', code: 'EDATABASE' });
			expect(cause.stack).toMatch(/^DatabaseError: cannot open the database\n.* at .*fixtures\/throws\.mjs:10:8\)/);
			expect(cause.cause).toBeInstanceOf(RangeError);
			expect(message).toContain(`thrown at    ${fixture('throws.mjs')}:10:8`);
		},
	);

	test('is reported with what it throws if that is not an error', async () => {
		const { message } = await failureOf({ startupCommand: { module: fixture('throws.mjs'), export: 'noError' } });
		expect(message).toMatch(/^throws\.mjs exited with code 1 before it was ready: .*just a text/);
	});

	test('ends the test with its error if it throws in use', async () => {
		const startupCommand = { module: fixture('throws.mjs'), export: 'inUse' };
		const run = withDaemon({ startupCommand, lookFor: 'ready' }, dies);
		await expect(run).rejects.toMatchObject({ name: 'DaemonExitedError', cause: { code: 'EDATABASE' } });
	});

	test('is not said to have died of an error that it survived', async () => {
		const startupCommand = { module: fixture('survives-errors.mjs') };
		const error: unknown = await withDaemon({ startupCommand, lookFor: 'ready' }, dies).catch(
			(reason: unknown) => reason,
		);
		expect(error).toMatchObject({ name: 'DaemonExitedError', exit: { code: 0, signal: null } });
		expect((error as Error).cause).toBeUndefined();
	});

	test('can be CommonJS that was compiled from ES modules', async () => {
		const file = join(temporaryFolder(), 'compiled.cjs');
		const code = "console.log('ready'); setInterval(() => {}, 1000);";
		writeFileSync(
			file,
			`exports.__esModule = true; exports['default'] = () => { ${code} }; exports.serve = exports['default'];`,
		);
		for (const name of ['default', 'serve'])
			expect(await linesOf({ startupCommand: { module: file, export: name }, lookFor: 'ready' })).toEqual(['ready']);
	});

	test('does not become ready because a hook writes to the log', async () => {
		const { cause } = await failureOf({
			startupCommand: { module },
			logFile: join(temporaryFolder(), 'daemon.log'),
			afterFork: async () => {
				console.log('preparing');
				await new Promise(resolve => setTimeout(resolve, 100));
				throw new RangeError('not prepared');
			},
		});
		expect(cause).toMatchObject({ message: 'not prepared' });
	});

	test('is refused with the names of the existing exports if it is missing or not a function', async () => {
		const missing = await failureOf({ startupCommand: { module, export: 'start' } });
		expect(missing.cause).toBeInstanceOf(TypeError);
		expect(missing.cause.message).toMatch(
			/^\/.*serves\.mjs exports answer, default, but no function or Server as start$/,
		);
		const other = await failureOf({ startupCommand: { module, export: 'answer' } });
		expect(other.cause.message).toMatch(
			/^\/.*serves\.mjs exports answer, default, but no function or Server as answer$/,
		);
	});

	test('fails with ENOENT if its module does not exist, and nothing is started', async () => {
		const { message, cause, exit } = await failureOf({ startupCommand: { module: '/no/such/module.mjs' } });
		expect(message).toMatch(/^module\.mjs could not be started: \/no\/such\/module\.mjs does not exist \(ENOENT\)\n/);
		expect([cause.code, exit]).toEqual(['ENOENT', undefined]);
	});

	test('is reported with the import error if its module cannot be loaded', async () => {
		const file = join(temporaryFolder(), 'broken.mjs');
		writeFileSync(file, "import 'no-such-package';\n");
		const { cause } = await failureOf({ startupCommand: { module: file } });
		expect(cause.code).toBe('ERR_MODULE_NOT_FOUND');
		expect(cause.message).toContain("Cannot find package 'no-such-package'");
	});
});

describe('the process', () => {
	test('keeps the environment of the caller, and none of its arguments', async () => {
		const startupCommand = () => {
			console.log(process.env['WHO'], process.env['spring.url'], process.execArgv.length, 'ready');
			setInterval(() => {}, 1000);
		};
		const env = { WHO: 'me', 'spring.url': 'odd' };
		expect(await linesOf({ startupCommand, env, lookFor: 'ready' })).toEqual(['me odd 0 ready']);
	});

	test('passes nothing of the library on to its children', async () => {
		const startupCommand = async () => {
			const { spawnSync } = await import('node:child_process');
			console.log(spawnSync('sh', ['-c', 'ls /proc/$$/fd'], { encoding: 'utf8' }).stdout.replace(/\s+/g, ' '), 'ready');
			setInterval(() => {}, 1000);
		};
		expect(await linesOf({ startupCommand, lookFor: 'ready' })).toEqual(['0 1 2  ready']);
	});

	test('accepts a task of any size', async () => {
		const startupCommand = {
			function: (text: string) => {
				console.log(text.length, 'ready');
				setInterval(() => {}, 1000);
			},
			args: ['x'.repeat(5_000_000)],
		};
		expect(await linesOf({ startupCommand, lookFor: 'ready' })).toEqual(['5000000 ready']);
	});
});

test('a function of a plain module imports from its own file, wherever its caller is', () => {
	const files = {
		'deep/helper.mjs': "export const word = 'helped';",
		'deep/caller.mjs': `import { withDaemon } from 'withdaemon';
			const startupCommand = async () => {
				const { word } = await import(/* its own */ './helper.mjs');
				console.log(word);
				setInterval(() => {}, 1000);
			};
			await withDaemon({ startupCommand, lookFor: 'helped' }, ({ log }) => console.log(log.text()));`,
	};
	const caller = join(project(files), 'deep', 'caller.mjs');
	expect(spawnSync(process.execPath, [caller], { cwd: '/', encoding: 'utf8' }).stdout).toBe('helped\n\n');
});

test('arguments that can no longer be copied make the start fail before a launch', async () => {
	const options: Record<string, unknown> = { a: 1 };
	const startupCommand = { module, args: [options] };
	const daemon = new Daemon({ name: 'x', pidFile: '/dev/null', startupCommand });
	options['a'] = () => {};
	await expect(daemon.startup()).rejects.toMatchObject({
		name: 'StartupError',
		cause: { message: '() => {} could not be cloned.' },
	});
	expect([daemon.state, daemon.pid]).toEqual(['failed', undefined]);
});

test('a worker of node:cluster can start a daemon that is a function', async () => {
	const startupCommand = async () => {
		const { default: cluster } = await import('node:cluster');
		cluster.fork();
		// The daemon outlives its worker: an exit together with the line would count as an early death.
		setInterval(() => {}, 1000);
	};
	await withDaemon({ startupCommand, lookFor: 'give cluster.setupPrimary() an `exec` of your own' }, () => {});
});

test('is refused and not called if its module was removed between two starts', async () => {
	const file = join(temporaryFolder(), 'module.mjs');
	writeFileSync(file, 'export default () => setInterval(() => {}, 1000);\n');
	await withDaemon({ startupCommand: { module: file } }, async daemon => {
		await daemon.shutdown();
		rmSync(file);
		await expect(daemon.startup()).rejects.toMatchObject({ name: 'StartupError', cause: { code: 'ENOENT' } });
	});
});

/** Where a comment of this file stands, as the file is now. */
function lineOf(text: string): number {
	const lines = readFileSync(import.meta.filename, 'utf8').split('\n');
	return lines.findIndex(line => line.endsWith(text)) + 1;
}
