import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type DaemonOptions, PidFile, type RunningDaemon, withDaemon } from '../../src/index.ts';
import { readCommandLine } from '../../src/process/table.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';
import { callLibc } from '../support/way-to-libc.ts';

/** Each message as a user sees it. Whatever differs from run to run is replaced by a name in brackets. */
async function messageOf(options: DaemonOptions, fn: (daemon: RunningDaemon) => unknown = () => {}): Promise<string> {
	const error: unknown = await withDaemon(options, fn).then(
		() => expect.unreachable(),
		(reason: unknown) => reason,
	);
	return `${(error as Error).name}: ${(error as Error).message}`
		.replaceAll(fixture(''), '/project/fixtures/')
		.replaceAll(process.cwd(), '/project')
		.replace(/\/tmp\/[\w/-]+(?=\/)/g, '/tmp/[folder]')
		.replace(/(launched|after) \d+ ms/g, '$1 [n] ms')
		.replace(/^( +(?:pid|survivor) +)\d+/gm, '$1[pid]')
		.replace(/as pid \d+/, 'as pid [pid]')
		.replace(/since \S+Z/g, 'since [time]')
		.replace(/Node\.js v[\d.]+/g, 'Node.js [version]')
		.replace(/\(node:internal.*\)/g, '(node:internal)')
		.replace(/waits in \w+/g, 'waits in [function]')
		.replace(/^( +PATH +).*$/gm, '$1[path]');
}

const dead = ({ pid }: { readonly pid: number }) => process.kill(pid, 'SIGUSR2') && new Promise(() => {});

test('a command that does not exist', async () => {
	expect(await messageOf({ startupCommand: '/usr/bin/no-command-by-this-name --port 1' })).toMatchInlineSnapshot(`
		"StartupError: no-command-by-this-name could not be started: /usr/bin/no-command-by-this-name does not exist (ENOENT)
		  command      /usr/bin/no-command-by-this-name --port 1
		  cwd          /project"
	`);
	expect(await messageOf({ startupCommand: 'no-command-by-this-name' })).toMatchInlineSnapshot(`
		"StartupError: no-command-by-this-name could not be started: no-command-by-this-name does not exist (ENOENT)
		  command      no-command-by-this-name
		  cwd          /project
		  PATH         [path]"
	`);
});

test('a command that may not be executed', async () => {
	expect(await messageOf({ startupCommand: [fixture('not-executable.sh')] })).toMatchInlineSnapshot(`
		"StartupError: not-executable.sh could not be started: /project/fixtures/not-executable.sh may not be executed (EACCES)
		  command      /project/fixtures/not-executable.sh
		  cwd          /project"
	`);
});

test('a bad interpreter', async () => {
	expect(await messageOf({ startupCommand: [fixture('has-a-bad-interpreter.sh')] })).toMatchInlineSnapshot(`
		"StartupError: has-a-bad-interpreter.sh exited with code 127 before it was ready
		  waiting for  50 ms of life   it did not live that long
		  pid          [pid]   exited with code 127, launched [n] ms ago
		  command      /project/fixtures/has-a-bad-interpreter.sh
		  cwd          /project
		  hint         its first line names the interpreter /no/such/interpreter, which does not exist
		  log          | withdaemon:has-a-bad-interpreter.sh: 1: exec: /project/fixtures/has-a-bad-interpreter.sh: not found"
	`);
});

test('a file that exists for the caller, but not for the daemon', async () => {
	expect(await messageOf({ startupCommand: 'fixtures/never-ready.sh', nochdir: false })).toMatchInlineSnapshot(`
		"StartupError: never-ready.sh could not be started: /fixtures/never-ready.sh does not exist (ENOENT)
		  command      fixtures/never-ready.sh
		  cwd          /
		  hint         fixtures/never-ready.sh exists in /project, but the daemon works in /: give \`cwd\`, \`nochdir: true\` or an absolute path"
	`);
	expect(
		await messageOf({ startupCommand: ['sh', 'fixtures/never-ready.sh'], lookFor: /^ready/, nochdir: false }),
	).toMatchInlineSnapshot(`
		"StartupError: never-ready.sh exited with code 2 before it was ready
		  waiting for  log line /^ready/   1 line read, no match
		  pid          [pid]   exited with code 2, launched [n] ms ago, first output after [n] ms
		  command      sh fixtures/never-ready.sh
		  cwd          /
		  hint         fixtures/never-ready.sh exists in /project, but the daemon works in /: give \`cwd\`, \`nochdir: true\` or an absolute path
		  log          | /usr/bin/sh: 0: cannot open fixtures/never-ready.sh: No such file"
	`);
});

test('JavaScript: a module that does not exist, an export that does not exist', async () => {
	expect(await messageOf({ startupCommand: { module: '/no/such/api.mjs' } })).toMatchInlineSnapshot(`
		"StartupError: api.mjs could not be started: /no/such/api.mjs does not exist (ENOENT)
		  calls        export default of /no/such/api.mjs
		  cwd          /project"
	`);
	const startupCommand = { module: fixture('serves.mjs'), export: 'start' };
	expect(headOf(await messageOf({ startupCommand, lookFor: 'ready' }))).toMatchInlineSnapshot(`
		"StartupError: serves.mjs exited with code 1 before it was ready: TypeError: /project/fixtures/serves.mjs exports answer, default, but no function or Server as start
		  waiting for  log line "ready"   9 lines read, none matched
		  pid          [pid]   exited with code 1, launched [n] ms ago, first output after [n] ms
		  calls        export start of /project/fixtures/serves.mjs
		  cwd          /project
		  log          …"
	`);
});

test('JavaScript: an error that nobody catches', async () => {
	const thrown = { startupCommand: { module: fixture('throws.mjs'), export: 'atOnce' }, lookFor: 'ready' };
	expect(headOf(await messageOf(thrown))).toMatchInlineSnapshot(`
		"StartupError: throws.mjs exited with code 1 before it was ready: DatabaseError: cannot open the database
		  waiting for  log line "ready"   16 lines read, none matched
		  pid          [pid]   exited with code 1, launched [n] ms ago, first output after [n] ms
		  calls        export atOnce of /project/fixtures/throws.mjs
		  cwd          /project
		  thrown at    /project/fixtures/throws.mjs:10:8
		  log          …"
	`);
	const inUse = { startupCommand: { module: fixture('throws.mjs'), export: 'inUse' }, lookFor: 'ready' };
	expect(headOf(await messageOf(inUse, dead))).toMatchInlineSnapshot(`
		"DaemonExitedError: throws.mjs exited with code 1 while it was in use: DatabaseError: cannot open the database
		  pid          [pid]   exited with code 1, launched [n] ms ago, first output after [n] ms, ready after [n] ms
		  thrown at    /project/fixtures/throws.mjs:10:8
		  log          …"
	`);
	onTestFinished(callLibc());
	const hook = { startupCommand: [fixture('never-ready.sh')], afterFork: thrown.startupCommand, lookFor: 'ready' };
	expect(headOf(await messageOf(hook))).toMatchInlineSnapshot(`
		"StartupError: never-ready.sh exited with code 1 before it was ready: DatabaseError: cannot open the database
		  waiting for  log line "ready"   16 lines read, none matched
		  pid          [pid]   exited with code 1, launched [n] ms ago, first output after [n] ms
		  command      /project/fixtures/never-ready.sh
		  cwd          /project
		  thrown at    /project/fixtures/throws.mjs:10:8
		  log          …"
	`);
});

const home = 'around it';

test('JavaScript: a function that uses variables around it', async () => {
	const variable = { startupCommand: () => console.log(home), lookFor: 'ready' };
	expect(headOf(await messageOf(variable))).toMatchInlineSnapshot(`
		"StartupError: daemon exited with code 1 before it was ready: ReferenceError: home is not defined
		  waiting for  log line "ready"   10 lines read, none matched
		  pid          [pid]   exited with code 1, launched [n] ms ago, first output after [n] ms
		  calls        a function
		  cwd          /project
		  thrown at    /project/test/evidence/messages.test.ts:139:55
		  hint         the function of startupCommand refers to \`home\`, which does not exist in the daemon's process: import() it inside, pass it in \`args\`, or name a module, as { module, export }
		  log          …"
	`);
	expect(await messageOf({ startupCommand: () => console.log(join('a', 'b')) })).toMatchInlineSnapshot(
		`"InvalidOptionError: \`startupCommand\`: the function uses \`join\` from the surrounding file, which does not exist in the daemon's process: import() it inside the function, pass it in \`args\`, or name a module, as { module, export }."`,
	);
});

/** Without the log, because each version of Node words its errors differently. */
const headOf = (message: string) => message.replace(/\n {2}log .*/s, '\n  log          …');

test('a working directory that does not exist', async () => {
	const cwd = '/no/such/folder';
	expect(await messageOf({ startupCommand: [fixture('never-ready.sh')], cwd })).toMatchInlineSnapshot(`
		"StartupError: never-ready.sh could not be started: its working directory /no/such/folder does not exist (ENOENT)
		  command      /project/fixtures/never-ready.sh
		  cwd          /no/such/folder"
	`);
	// No hint says that the relative path exists elsewhere.
	expect(await messageOf({ startupCommand: 'sh fixtures/never-ready.sh', cwd })).toMatchInlineSnapshot(`
		"StartupError: never-ready.sh could not be started: its working directory /no/such/folder does not exist (ENOENT)
		  command      sh fixtures/never-ready.sh
		  cwd          /no/such/folder"
	`);
});

test('a log that cannot be written', async () => {
	const logFile = '/no/such/folder/daemon.log';
	expect(await messageOf({ startupCommand: [fixture('never-ready.sh')], logFile })).toMatchInlineSnapshot(`
		"StartupError: never-ready.sh could not be started: the folder of /no/such/folder/daemon.log does not exist (ENOENT)
		  command      /project/fixtures/never-ready.sh
		  cwd          /project"
	`);
});

test('an exit at once, with 0, with 3, by a signal', async () => {
	const exits = (how: string) => messageOf({ startupCommand: [fixture('exits-at-once.sh'), how], lookFor: 'ready' });
	expect(await exits('0')).toMatchInlineSnapshot(`
		"StartupError: exits-at-once.sh exited with code 0 before it was ready
		  waiting for  log line "ready"   1 line read, no match
		  pid          [pid]   exited with code 0, launched [n] ms ago, first output after [n] ms
		  command      /project/fixtures/exits-at-once.sh 0
		  cwd          /project
		  log          | cannot read /etc/app.conf"
	`);
	expect(await exits('3')).toMatchInlineSnapshot(`
		"StartupError: exits-at-once.sh exited with code 3 before it was ready
		  waiting for  log line "ready"   1 line read, no match
		  pid          [pid]   exited with code 3, launched [n] ms ago, first output after [n] ms
		  command      /project/fixtures/exits-at-once.sh 3
		  cwd          /project
		  log          | cannot read /etc/app.conf"
	`);
	expect(await exits('SIGKILL')).toMatchInlineSnapshot(`
		"StartupError: exits-at-once.sh was killed by SIGKILL before it was ready
		  waiting for  log line "ready"   1 line read, no match
		  pid          [pid]   was killed by SIGKILL, launched [n] ms ago, first output after [n] ms
		  command      /project/fixtures/exits-at-once.sh SIGKILL
		  cwd          /project
		  log          | cannot read /etc/app.conf"
	`);
});

test('a daemon that is never ready', async () => {
	const never = { startupCommand: [fixture('never-ready.sh')], startupTimeout: 4000 };
	const [missing, otherCase, silent] = await Promise.all([
		messageOf({ ...never, lookFor: /ready/ }),
		messageOf({ ...never, lookFor: 'Loading' }),
		messageOf({ ...never, lookFor: 'ready', startupTimeout: 60_000, inactivityTimeout: 4000 }),
	]);
	expect(missing).toMatchInlineSnapshot(`
		"StartupTimeoutError: never-ready.sh was not ready within 4000 ms
		  waiting for  log line /ready/   1 line read, no match
		  pid          [pid]   running, launched [n] ms ago, first output after [n] ms
		  state        S (sleeping), waits in [function], threads: 1
		  command      /project/fixtures/never-ready.sh
		  cwd          /project
		  log          | loading the index"
	`);
	expect(otherCase).toMatchInlineSnapshot(`
		"StartupTimeoutError: never-ready.sh was not ready within 4000 ms
		  waiting for  log line "Loading"   1 line read, no match, but one would if case were ignored
		  pid          [pid]   running, launched [n] ms ago, first output after [n] ms
		  state        S (sleeping), waits in [function], threads: 1
		  command      /project/fixtures/never-ready.sh
		  cwd          /project
		  log          | loading the index"
	`);
	expect(silent).toMatchInlineSnapshot(`
		"StartupTimeoutError: never-ready.sh was not ready, and logged nothing for 4000 ms
		  waiting for  log line "ready"   1 line read, no match
		  pid          [pid]   running, launched [n] ms ago, first output after [n] ms
		  state        S (sleeping), waits in [function], threads: 1
		  command      /project/fixtures/never-ready.sh
		  cwd          /project
		  log          | loading the index"
	`);
});

test('a daemon that is never ready and does not end either', async () => {
	const startupCommand = [fixture('ignores-signals.sh'), 'INT', 'TERM'];
	// This limit counts from the launch, unlike `startupTimeout`: on a busy machine everything before it takes long.
	const options = { startupCommand, lookFor: 'never', inactivityTimeout: 3000, shutdownTimeout: 100 };
	expect(await messageOf(options)).toMatchInlineSnapshot(`
		"StartupTimeoutError: ignores-signals.sh was not ready, and logged nothing for 3000 ms
		  waiting for  log line "never"   1 line read, no match
		  pid          [pid]   running, launched [n] ms ago, first output after [n] ms
		  state        S (sleeping), waits in [function], threads: 1
		  ignores      SIGINT SIGTERM
		  command      /project/fixtures/ignores-signals.sh INT TERM
		  cwd          /project
		  log          | ready
		  teardown     ignores-signals.sh did not end within 100 ms of SIGTERM, and was ended by SIGKILL"
	`);
});

test('a daemon that is too slow to start', async () => {
	const options = { startupCommand: [fixture('slow-to-start.sh'), '60'], lookFor: 'ready', startupTimeout: 3000 };
	expect(await messageOf(options)).toMatchInlineSnapshot(`
		"StartupTimeoutError: slow-to-start.sh was not ready within 3000 ms
		  waiting for  log line "ready"   nothing was logged
		  pid          [pid]   running, launched [n] ms ago
		  state        S (sleeping), waits in [function], threads: 1
		  handles      SIGINT SIGCHLD
		  command      /project/fixtures/slow-to-start.sh 60
		  cwd          /project
		  log          nothing was written to /tmp/[folder]/slow-to-start.sh.log"
	`);
});

test('a daemon that is ready and then dies', async () => {
	const options = { startupCommand: [fixture('ready-then-dies.sh')], lookFor: 'ready' };
	expect(await messageOf(options, dead)).toMatchInlineSnapshot(`
		"DaemonExitedError: ready-then-dies.sh exited with code 4 while it was in use
		  pid          [pid]   exited with code 4, launched [n] ms ago, first output after [n] ms, ready after [n] ms
		  log          | ready
		               | out of memory"
	`);
});

test('a daemon that is too slow to stop', async () => {
	const options = { startupCommand: [fixture('slow-to-stop.mjs'), '60000'], lookFor: 'ready', shutdownTimeout: 100 };
	expect((await messageOf(options)).replace(/^ +(?:sockets|handles|state).*\n/gm, '')).toMatchInlineSnapshot(`
		"ShutdownTimeoutError: slow-to-stop.mjs did not end within 100 ms of SIGTERM, and was ended by SIGKILL
		  pid          [pid]   running, launched [n] ms ago, first output after [n] ms, ready after [n] ms
		  log          | ready"
	`);
});

test('a daemon that ignores SIGINT, or SIGTERM too', async () => {
	const ignores = (...signals: string[]) =>
		messageOf({
			startupCommand: [fixture('ignores-signals.sh'), ...signals],
			shutdownCommand: 'SIGINT',
			lookFor: 'ready',
			shutdownTimeout: 1000,
		});
	const [one, both] = await Promise.all([ignores('INT'), ignores('INT', 'TERM')]);
	expect(one).toMatchInlineSnapshot(`
		"ShutdownTimeoutError: ignores-signals.sh did not end within 1000 ms of SIGINT, and was ended by SIGTERM
		  hint         it ignores SIGINT
		  pid          [pid]   running, launched [n] ms ago, first output after [n] ms, ready after [n] ms
		  state        S (sleeping), waits in [function], threads: 1
		  ignores      SIGINT
		  log          | ready"
	`);
	expect(both).toMatchInlineSnapshot(`
		"ShutdownTimeoutError: ignores-signals.sh did not end within 1000 ms of SIGINT, and was ended by SIGKILL
		  hint         it ignores SIGINT
		  pid          [pid]   running, launched [n] ms ago, first output after [n] ms, ready after [n] ms
		  state        S (sleeping), waits in [function], threads: 1
		  ignores      SIGINT SIGTERM
		  log          | ready"
	`);
});

test('a child that stays', async () => {
	const startupCommand = [fixture('forks-children.sh')];
	const options = { startupCommand, shutdownCommand: 'SIGINT', lookFor: 'ready' };
	expect(await messageOf(options)).toMatchInlineSnapshot(`
		"LeakError: forks-children.sh left a process behind
		  survivor     [pid]   sleep 1000   found by its process group, since [time], ended by SIGTERM
		  hint         it ignores SIGINT, like everything that a shell started with \`&\`: give \`shutdownCommand: 'SIGTERM'\`"
	`);
});

test('a shutdown command that fails', async () => {
	const options = { startupCommand: [fixture('never-ready.sh')], lookFor: 'loading' };
	const shutdownCommand = 'echo "cannot connect to the server" >&2; exit 7';
	expect(await messageOf({ ...options, shutdownCommand })).toMatchInlineSnapshot(`
		"ShutdownCommandError: never-ready.sh could not be asked to end: its shutdownCommand did not work: Command failed with exit code 7: /bin/sh -c 'echo "cannot connect to the server" >&2; exit 7', and was ended by SIGTERM
		  said         | cannot connect to the server
		  pid          [pid]   running, launched [n] ms ago, first output after [n] ms, ready after [n] ms
		  state        S (sleeping), waits in [function], threads: 1
		  log          | loading the index"
	`);
});

test('a daemon that runs already', async () => {
	const other = spawn('sleep', ['1000']);
	const exit = once(other, 'exit');
	onTestFinished(() => other.kill());
	await once(other, 'spawn');
	// Its command is there a moment after Node says that it was spawned.
	await expect.poll(() => readCommandLine(Number(other.pid))).toBe('sleep 1000');
	const pidFile = new PidFile(join(temporaryFolder(), 'other.pid'));
	pidFile.write(other.pid);
	expect(await messageOf({ startupCommand: [fixture('never-ready.sh')], pidFile })).toMatchInlineSnapshot(`
		"AlreadyRunningError: never-ready.sh is already running as pid [pid]
		  pid file     /tmp/[folder]/other.pid
		  command      sleep 1000"
	`);
	other.kill();
	await exit;
});

test('output that nobody should see in full', async () => {
	const script = `head -c 100000 /dev/zero | tr '\\0' x; printf '\\n\\001\\377binary\\n'; exit 1`;
	const options = { startupCommand: ['sh', '-c', script], lookFor: 'ready' };
	expect(await messageOf(options)).toMatchInlineSnapshot(`
		"StartupError: sh exited with code 1 before it was ready
		  waiting for  log line "ready"   2 lines read, none matched
		  pid          [pid]   exited with code 1, launched [n] ms ago, first output after [n] ms
		  command      sh -c 'head -c 100000 /dev/zero | tr '\\''\\0'\\'' x; printf '\\''\\n\\001\\377binary\\n'\\''; exit 1'
		  cwd          /project
		  log          | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx … and 65126 characters more
		               | ��binary"
	`);
});

test('options that are wrong', async () => {
	const options = { startupComand: 'redis-server', timeout: '5s' } as unknown as DaemonOptions;
	expect(await messageOf(options)).toMatchInlineSnapshot(`
		"InvalidOptionError: daemon has 3 invalid options
		  option       These options are required: startupCommand.
		               Unknown option \`startupComand\`, with the value "redis-server" (string). Did you mean \`startupCommand\`?
		               Expected \`timeout\` to be a number of milliseconds from 1 to 2147483647, but got "5s" (string)."
	`);
});

test('a bad interpreter that cannot be seen: the line ends of Windows', async () => {
	const file = join(temporaryFolder(), 'server.sh');
	writeFileSync(file, '#!/bin/sh\r\nexec sleep 60\r\n', { mode: 0o755 });
	expect(await messageOf({ startupCommand: [file] })).toContain(
		'its first line names the interpreter /bin/sh\\r, which does not exist',
	);
});

test('a hook that never settles', async () => {
	onTestFinished(callLibc());
	const logFile = join(temporaryFolder(), 'daemon.log');
	const afterFork = () => new Promise(() => setInterval(() => {}, 1000));
	const options = { startupCommand: [fixture('never-ready.sh')], afterFork, logFile, startupTimeout: 500 };
	expect(await messageOf(options)).toMatch(
		/its code was not called yet: a hook, or an import of its module, has not settled/,
	);
});
