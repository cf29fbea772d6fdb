import { spawnSync } from 'node:child_process';
import { chmodSync, constants, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Daemon, type DaemonOptions, type StartupError, withDaemon } from '../../src/index.ts';
import { FFI_VARIABLE } from '../../src/native/libc.mjs';
import { runCaller } from '../support/callers.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { ps } from '../support/processes.ts';
import { project } from '../support/projects.ts';
import { callLibc } from '../support/way-to-libc.ts';

const shows = { startupCommand: [fixture('shows-its-process.sh')], lookFor: 'ready' };
const linesOf = (options: DaemonOptions) => withDaemon(options, ({ log }) => log.lines());

beforeAll(callLibc);

async function failureOf(options: DaemonOptions): Promise<StartupError & { readonly cause: NodeJS.ErrnoException }> {
	const error: unknown = await withDaemon(options, () => 'is ready').catch((reason: unknown) => reason);
	expect(error).toMatchObject({ name: 'StartupError' });
	return error as StartupError & { cause: Error };
}

describe('afterFork and beforeExec', () => {
	test('run in this order in the process that becomes the command', async () => {
		const options = {
			startupCommand: ['sh', '-c', 'echo command $$; echo ready; exec sleep 60'],
			afterFork: () => console.log('afterFork', process.pid),
			beforeExec: async () => {
				await new Promise(resolve => setTimeout(resolve, 5));
				console.log('beforeExec', process.pid);
			},
			lookFor: 'ready',
		};
		await withDaemon(options, async ({ pid, log }) => {
			expect(log.lines()).toEqual([`afterFork ${pid}`, `beforeExec ${pid}`, `command ${pid}`, 'ready']);
			await expect.poll(() => ps(pid, 'comm')).toEqual(['sleep']);
		});
	});

	test('can be used alone, can be exports of a module, and can have arguments', async () => {
		const say = (text: string) => console.log(text);
		const after = { function: say, args: ['{dir}'] };
		await withDaemon({ ...shows, afterFork: after }, ({ log, dir }) => expect(log.lines()[0]).toBe(dir));
		const module = { module: fixture('says.mjs'), export: 'say', args: ['before'] };
		expect((await linesOf({ ...shows, beforeExec: module }))[0]).toBe('before');
	});

	test('precede a function too, except beforeExec, because there is nothing to execute', async () => {
		const options = {
			startupCommand: () => void setInterval(() => console.log('ready'), 10),
			afterFork: () => console.log('afterFork'),
			beforeExec: () => console.log('beforeExec'),
			lookFor: 'ready',
		};
		expect((await linesOf(options)).slice(0, 2)).toEqual(['afterFork', 'ready']);
	});

	test('can change the environment and the folder of the command', async () => {
		const beforeExec = () => {
			process.env['WHO'] = 'the hook';
			process.chdir('/usr');
		};
		const startupCommand = ['sh', '-c', 'echo $WHO; pwd; echo ready; exec sleep 60'];
		expect(await linesOf({ startupCommand, beforeExec, lookFor: 'ready' })).toEqual(['the hook', '/usr', 'ready']);
	});

	test('that throw are the cause of the StartupError, and the command is never executed', async () => {
		for (const hook of ['afterFork', 'beforeExec']) {
			const throws = () => {
				throw Object.assign(new RangeError('not today'), { code: 'ETODAY' });
			};
			const { message, cause } = await failureOf({ ...shows, [hook]: throws });
			expect(cause).toMatchObject({ name: 'RangeError', message: 'not today', code: 'ETODAY' });
			expect(cause.stack).toContain(import.meta.filename);
			expect(message).toMatch(/exited with code 1 before it was ready: RangeError: not today\n/);
			expect(message).not.toContain('| ready');
		}
	});
});

describe('the command that a process becomes', () => {
	test('inherits nothing from Node: no blocked signal, and no descriptor but stdin, stdout and stderr', async () => {
		const beforeExec = async () => {
			const { openSync } = await import('node:fs');
			openSync('/dev/null', 'r');
			process.on('SIGUSR2', () => {});
			console.log('hook');
		};
		const script =
			'grep -E "Sig(Blk|Ign)" /proc/self/status; ls /proc/$$/fd; env | grep -v ^_ | sort; echo ready; exec sleep 60';
		const [hook, blocked, ignored, ...rest] = await linesOf({
			startupCommand: ['sh', '-c', script],
			beforeExec,
			lookFor: /^ready/,
			env: { 'spring.url': 'odd', WITHDAEMON_TEST_RUN: process.env['WITHDAEMON_TEST_RUN'] },
		});
		expect([hook, blocked, ignored]).toEqual(['hook', `SigBlk:\t${'0'.repeat(16)}`, `SigIgn:\t${'0'.repeat(16)}`]);
		expect(rest.slice(0, 3)).toEqual(['0', '1', '2']);
		expect(rest.filter(line => /^\d+$/.test(line))).toHaveLength(3);
	});

	test('is ready by its own liveness, counted from the exec, however long a hook takes', async () => {
		// Not a script: on a busy machine a shell can live for longer than it has to.
		const { cause, exit } = await failureOf({
			startupCommand: 'false',
			beforeExec: () => new Promise(resolve => setTimeout(resolve, 2100)),
		});
		expect(exit).toEqual({ code: 1, signal: null });
		expect(cause).toBeUndefined();
	});

	test('is known to be missing before anything is started', async () => {
		const { cause, message } = await failureOf({ startupCommand: '/no/such/command', afterFork: () => {} });
		expect(cause.code).toBe('ENOENT');
		expect(message).toContain('command      /no/such/command');
	});

	test.each([
		['is removed by a hook', 'ENOENT', async (file: string) => (await import('node:fs')).rmSync(file)],
		['is forbidden by a hook', 'EACCES', async (file: string) => (await import('node:fs')).chmodSync(file, 0o644)],
	])('that %s is %s', async (_, code, hook) => {
		const file = join(temporaryFolder(), 'command');
		writeFileSync(file, '#!/bin/sh\nexec sleep 60\n');
		chmodSync(file, 0o755);
		const { cause } = await failureOf({ startupCommand: [file], beforeExec: { function: hook, args: [file] } });
		expect(cause).toMatchObject({ code, path: file });
		rmSync(file, { force: true });
	});

	test('fails with ENOENT of its interpreter if that does not exist', async () => {
		const { cause } = await failureOf({ startupCommand: [fixture('has-a-bad-interpreter.sh')], beforeExec: () => {} });
		expect(cause).toMatchObject({ code: 'ENOENT', path: '/no/such/interpreter' });
	});

	test('fails with ENOENT of its interpreter if the name ends with a carriage return', async () => {
		const file = join(temporaryFolder(), 'command');
		writeFileSync(file, '#!/bin/sh\r\nexec sleep 60\r\n');
		chmodSync(file, 0o755);
		const { cause } = await failureOf({ startupCommand: [file], beforeExec: () => {} });
		expect(cause).toMatchObject({ code: 'ENOENT', path: '/bin/sh\r' });
	});

	test('fails with E2BIG if its arguments are too large, and Node does not abort', async () => {
		const beforeExec = () => {
			process.env['BIG'] = 'x'.repeat(200_000);
		};
		const { cause, exit } = await failureOf({ ...shows, beforeExec });
		expect(cause).toMatchObject({ code: 'E2BIG', syscall: 'execve' });
		expect(exit).toEqual({ code: 1, signal: null });
	});

	test('is run by a shell if it names no interpreter, as without a hook', async () => {
		const file = join(temporaryFolder(), 'command');
		writeFileSync(file, 'echo "ready $1"; exec sleep 60\n');
		chmodSync(file, 0o755);
		const options = { startupCommand: [file, 'a b'], lookFor: 'ready' };
		expect(await linesOf(options)).toEqual(['ready a b']);
		expect(await linesOf({ ...options, beforeExec: () => {} })).toEqual(['ready a b']);
	});

	test('writes to a pipe of the caller as if Node had never been there', async () => {
		const { output } = await runCaller('inherits-a-pipe.mjs');
		expect(output).toMatch(/^hook\nflags:\s+\d+\n$/);
		expect(Number.parseInt(output.split(/\s+/)[2] ?? '', 8) & constants.O_NONBLOCK).toBe(0);
	});

	test('is stopped like any other, by SIGINT to its group, with its PID file', async () => {
		const pidFile = join(temporaryFolder(), 'daemon.pid');
		const daemon = new Daemon({ name: 'sleeper', pidFile, startupCommand: 'sleep 60', beforeExec: () => {} });
		await daemon.startup();
		await daemon.shutdown();
		expect(await daemon.exited).toEqual({ code: null, signal: 'SIGINT' });
	});
});

describe('without koffi', () => {
	const run = (caller: string, files: Readonly<Record<string, string>> = {}) => {
		const cwd = project({ 'caller.mjs': caller, ...files }, ['koffi', '@koromix']);
		const env = { ...process.env, [FFI_VARIABLE]: undefined };
		const { stdout, stderr } = spawnSync(process.execPath, ['caller.mjs'], { cwd, env, encoding: 'utf8' });
		return stdout + stderr;
	};
	const script = 'grep -E "Sig(Blk|Ign)" /proc/self/status; ls /proc/$$/fd; echo ready; exec sleep 60';
	const caller = `import { withDaemon } from 'withdaemon';
		const startupCommand = ['sh', '-c', ${JSON.stringify(script)}];
		const options = { startupCommand, beforeExec: () => console.log('hook'), lookFor: 'ready' };
		await withDaemon(options, daemon => console.log(daemon.log.text())).catch(error => console.log(error.message));`;

	test.runIf('execve' in process)('Node itself becomes the command, and leaves as little behind', () => {
		const none = '0'.repeat(16);
		const lines = ['hook', `SigBlk:\t${none}`, `SigIgn:\t${none}`, '0', '1', '2', 'ready'];
		expect(run(caller).trim().split('\n')).toEqual(lines);
	});

	const listens = caller.replace("lookFor: 'ready'", "lookFor: 'ready', listen: 'auto'");

	test.runIf('execve' in process)(
		'Node itself becomes the command if koffi is there, but does not work, unless there are sockets',
		() => {
			const broken = { 'node_modules/koffi/index.js': "throw new Error('wrong ELF class')" };
			expect(run(caller, broken)).toMatch(/^hook\n[\s\S]*ready\n/);
			expect(run(listens, broken)).toContain('the optional package koffi does not work here: wrong ELF class');
		},
	);

	test('sockets cannot be handed to a command behind a hook, and an error says so', () => {
		expect(run(listens)).toContain('`listen` needs the optional package koffi if there is a hook before a command.');
	});

	test('a daemon cannot say itself that it is ready, and an error says so', () => {
		const notified = caller
			.replace('withDaemon', 'notified, withDaemon')
			.replace("lookFor: 'ready'", 'ready: notified()');
		expect(run(notified)).toContain(
			'`ready`, notified(): It needs the optional package koffi: Node has no unix sockets',
		);
	});

	test('JavaScript behind a hook needs neither koffi nor another Node', () => {
		const server = "() => { console.log('ready'); setInterval(() => {}, 60_000); }";
		const javascript = caller.replace(/(startupCommand =) .*;/, `$1 ${server};`).replace('beforeExec', 'afterFork');
		expect(run(javascript)).toBe('hook\nready\n\n');
	});

	test.skipIf('execve' in process)(
		'Node 20 cannot become the command, and an error says so before anything is started',
		() => {
			expect(run(caller)).toBe(
				`\`beforeExec\` cannot be called before a command is executed: Node ${process.versions.node} has no process.execve (22.15 and newer have), and the optional package koffi is not installed, or cannot be read.\n`,
			);
		},
	);
});
