/** Fork, setsid, fork: starts a daemon through the launcher and hears about its life over one socket. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, lstatSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { ExitStatus } from '../errors.ts';
import { systemError } from '../process/errno.ts';
import type { ProcessIdentity } from '../process/identity.ts';
import { sendSignal } from '../process/signals.ts';
import { readProcess } from '../process/table.ts';
import { deferred, unlessAborted } from '../time/deadline.ts';
import { assertFolder, findExecutable } from './command.ts';
import { MARKER, packEnvironment } from './environment.ts';
import { type Launched, whenGone } from './launched.ts';
import { launcherArguments, toExitStatus } from './launcher.ts';

export interface LaunchOptions {
	readonly name: string;
	/** What to execute; the first is looked for in the daemon's PATH. */
	readonly argv: readonly string[];
	readonly cwd: string;
	readonly env: NodeJS.ProcessEnv;
	readonly umask: number | undefined;
	/** Where stdout and stderr go: a file to append to, `/dev/null`, or where the caller's go, along with stdin. */
	readonly output: { readonly file: string } | 'null' | 'caller';
}

/**
 * Resolves when the daemon has a pid; its exec follows within a ms.
 *
 * @throws a system error for what can be known before the fork: a command or a `cwd` that is missing (ENOENT) or may not
 * be used (EACCES), a log that cannot be written; or what keeps the caller from forking (EAGAIN, EMFILE, ENOMEM).
 */
export async function launch(options: LaunchOptions, signal: AbortSignal): Promise<Launched> {
	const { name, argv, cwd, env, umask, output } = options;
	assertFolder(cwd);
	const [command = '', ...args] = argv;
	const file = findExecutable(command, cwd, env['PATH']);
	const passage = packEnvironment(env);
	// env(1), which restores variables of odd names, would take such a path for one more of them: nice(1) would not.
	const detour = passage.carried > 0 && file.includes('=') ? [findExecutable('nice', cwd), '-n', '0'] : [];
	const log = typeof output === 'object' ? openLog(output.file) : undefined;
	const target = log ?? (output === 'caller' ? 'inherit' : 'ignore');
	let child: ChildProcess;
	try {
		child = spawn('/bin/sh', launcherArguments(name, [...detour, file, ...args], { umask, carried: passage.carried }), {
			cwd,
			env: passage.env,
			detached: true,
			stdio: [output === 'caller' ? 'inherit' : 'ignore', target, target, 'pipe'],
		});
	} finally {
		if (log !== undefined) closeSync(log);
	}
	return await hearFrom(child, env[MARKER], signal);
}

async function hearFrom(child: ChildProcess, marker: string | undefined, signal: AbortSignal): Promise<Launched> {
	const launcher = child.pid;
	if (launcher === undefined) throw (await once(child, 'error'))[0];
	const gone = once(child, 'exit');
	const socket = child.stdio[3] as Socket;
	const started = deferred<number>();
	const exited = deferred<ExitStatus>();
	let said = '';
	socket.setEncoding('latin1').on('data', (text: string) => {
		said += text;
		const pid = /^pid (\d+)\n/m.exec(said);
		const exit = /^exit (\d+)\n/m.exec(said);
		if (pid) started.resolve(Number(pid[1]));
		if (exit) {
			started.reject(new LauncherError(said));
			exited.resolve(toExitStatus(Number(exit[1]), said.replace(/^(?:pid|exit) \d+\n/gm, '').trim()));
		}
	});
	// ECONNRESET: the launcher was killed. Its `close` says the same.
	socket.on('error', () => {});
	socket.on('close', () => started.reject(new LauncherError(said)));

	const isHeld = () => child.exitCode === null && child.signalCode === null;
	let identity: ProcessIdentity;
	try {
		identity = identifyChild(await unlessAborted(started.promise, signal), launcher);
	} catch (error) {
		if (isHeld()) sendSignal(-launcher, 'SIGKILL');
		await gone;
		throw error;
	}
	socket.once('close', () => void whenGone(identity).then(exited.resolve));
	child.unref();
	socket.unref();
	return {
		identity,
		launcher,
		marker,
		isHeld,
		exited: exited.promise,
		release: () => void child.kill('SIGKILL'),
		dismiss: async () => {
			child.ref();
			// It has nothing left to do but to wait for us; SIGKILL ends it even if somebody has stopped it.
			child.kill('SIGKILL');
			await gone;
		},
	};
}

/** A process with this pid but another parent has been given it after the daemon had ended and was reaped. */
function identifyChild(pid: number, launcher: number): ProcessIdentity {
	const facts = readProcess(pid);
	return { pid, startTime: facts?.ppid === launcher ? facts.startTime : 'ended at once' };
}

/** Appended to, as several writers may share it. O_NOFOLLOW: a link planted in its place is ELOOP. */
function openLog(path: string): number {
	const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
	// To open a named pipe would block until somebody reads it (fifo(7)).
	if (lstatSync(path, { throwIfNoEntry: false })?.isFIFO()) throw systemError('EINVAL', 'open', path);
	return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o640);
}

/** The launcher ended before there was a daemon: it was killed, or the system has no more processes. */
class LauncherError extends Error {
	constructor(words: string) {
		super(`the launcher ended before it could fork${words === '' ? '' : `: ${words.trim()}`}`);
		this.name = 'LauncherError';
	}
}
