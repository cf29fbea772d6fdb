/** Fork, setsid, fork: starts a daemon through the launcher and hears about its life over one socket. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import type { Socket } from 'node:net';
import { openOutput } from '../log/open.ts';
import { reserveDescriptor } from '../os/reserve-descriptor.ts';
import type { ProcessIdentity } from '../process/identity.ts';
import { SINCE_BOOT } from '../process/process-info.ts';
import { sendSignal } from '../process/signals.ts';
import { findStartedWith, readProcess, toStartPoint } from '../process/table.ts';
import { ownSessions } from '../survivors/find.ts';
import { KILL_MS, killAll } from '../survivors/kill-all.ts';
import { toVariable } from '../survivors/marker.ts';
import { settlesWithin, unlessAborted } from '../time/deadline.ts';
import { assertFolder, findExecutable } from './command.ts';
import { type DaemonProcess, type Uncaught, whenExecuted, whenGone } from './daemon-process.ts';
import { packEnvironment } from './environment.ts';
import { hear } from './launcher-channel.ts';
import { launcherArguments } from './launcher-script.ts';
import { findProjectProgram } from './project-programs.ts';

export interface LaunchOptions {
	readonly name: string;
	/** What to execute; the first is looked for in the daemon's PATH. Empty if the script is all there is. */
	readonly argv: readonly string[];
	/** JavaScript that runs in the daemon's process, instead of the command or before it. */
	readonly script?: Script | undefined;
	readonly cwd: string;
	readonly env: NodeJS.ProcessEnv;
	/** Is in the environment already. */
	readonly marker: string;
	readonly umask: number | undefined;
	/** Where stdout and stderr go: a file to append to, `/dev/null`, or where the caller's go, along with stdin. */
	readonly output: { readonly file: string } | 'null' | 'caller';
	/** `'open'`: one that ends with the caller or the daemon. Absent or `'null'`: as `output` says, else /dev/null. */
	readonly stdin?: 'null' | 'open';
}

/** A process that is Node first: it hears over the socket what to do, and says which error it did not catch. */
export interface Script {
	readonly argv: readonly string[];
	/** The modules that have to be there. */
	readonly files: readonly string[];
	/** What it is told; `command` is what to become in the end. */
	task(command: readonly string[]): string;
	/** What its error means to the user. */
	explain(error: unknown): Uncaught;
}

/**
 * Resolves when the daemon has a pid; its exec follows within a ms.
 *
 * @throws a system error for what can be known before the fork: a command or a `cwd` that is missing (ENOENT) or may not
 * be used (EACCES), a log that cannot be written; or what keeps the caller from forking (EAGAIN, EMFILE, ENOMEM).
 */
export async function launch(options: LaunchOptions, signal: AbortSignal): Promise<DaemonProcess> {
	const { name, script, cwd, env, marker, umask, output } = options;
	reserveDescriptor();
	assertFolder(cwd);
	for (const module of script?.files ?? []) accessSync(module, constants.R_OK);
	const command = findCommand(options);
	const [file = '', ...args] = script?.argv ?? command;
	const task = script?.task(command);
	const passage = packEnvironment(env);
	// env(1), which restores variables of odd names, would take such a path for one more of them: nice(1) would not.
	const detour = passage.byEnv > 0 && file.includes('=') ? [findExecutable('nice', cwd), '-n', '0'] : [];
	// Node opens nothing for `ignore` above descriptor 2.
	const log = output === 'caller' ? undefined : openOutput(output === 'null' ? '/dev/null' : output.file);
	const [stdout, stderr] = log === undefined ? [1, 2] : [log.descriptor, log.descriptor];
	const stdin = options.stdin === 'open' ? 'pipe' : output === 'caller' ? 'inherit' : 'ignore';
	let child: ChildProcess;
	try {
		child = spawn(
			'/bin/sh',
			launcherArguments(name, [...detour, file, ...args], {
				marker,
				umask,
				carried: passage,
				keepsSocket: script !== undefined,
			}),
			{
				cwd,
				env: passage.env,
				detached: true,
				stdio: [stdin, stdout, 'ignore', 'pipe', stderr],
			},
		);
	} finally {
		log?.close();
	}
	if (task !== undefined) (child.stdio[3] as Socket | undefined)?.write(task);
	return await follow(child, options, signal);
}

/** With the path of the file that its first word stands for. */
function findCommand({ argv, cwd, env }: LaunchOptions): readonly string[] {
	const [command, ...args] = argv;
	if (command === undefined) return [];
	const program = command.includes('/') ? undefined : findProjectProgram(command);
	return [program ?? findExecutable(command, cwd, env['PATH']), ...args];
}

async function follow(
	child: ChildProcess,
	{ name, argv, marker, script }: LaunchOptions,
	signal: AbortSignal,
): Promise<DaemonProcess> {
	const launcher = child.pid;
	if (launcher === undefined) throw (await once(child, 'error'))[0];
	const gone = once(child, 'exit');
	const closeStdin = holdStdin(child);
	ownSessions.set(launcher, name);
	child.once('exit', () => ownSessions.delete(launcher));
	const socket = child.stdio[3] as Socket;
	const explain = script?.explain ?? (error => ({ error, evidence: [] }));
	const { started, begun, exited, uncaught, isDying } = hear(socket, explain);

	const isHeld = () => child.exitCode === null && child.signalCode === null;
	let since = SINCE_BOOT;
	let identity: ProcessIdentity;
	try {
		// It has read nothing of its script yet, or hardly: what it starts comes after.
		since = toStartPoint(launcher);
		identity = identifyChild(await unlessAborted(started, signal), launcher, toVariable(marker));
	} catch (error) {
		if (isHeld()) sendSignal(-launcher, 'SIGKILL');
		await settlesWithin(gone, KILL_MS);
		// It may be there, although nobody has heard of it, and may have left its group.
		await killAll({ since, marker, isHeld: false });
		closeStdin();
		throw error;
	}
	void exited.promise.then(closeStdin);
	socket.once('close', () => void whenGone(identity).then(exited.resolve));
	child.unref();
	socket.unref();
	return {
		identity,
		launcher,
		since,
		marker,
		isHeld,
		begun: script ? begun : Promise.resolve(),
		// Node with hooks is not the command yet.
		executed: () => whenExecuted(identity.pid, argv.length > 0 ? script?.argv.at(-1) : undefined),
		exited: exited.promise,
		uncaught,
		isDying,
		release: () => void child.kill('SIGKILL'),
		dismiss: async () => {
			child.ref();
			// It has nothing left to do but to wait for us; SIGKILL ends it even if somebody has stopped it.
			child.kill('SIGKILL');
			await gone;
		},
	};
}

/** Keeps the caller's end of an open stdin. Answers what closes it. */
function holdStdin(child: ChildProcess): () => void {
	const stdin = child.stdio[0] as Socket | null;
	// Node would close it when the launcher has ended: but it is the daemon's, who may outlive the launcher.
	child.stdin = null;
	stdin?.unref();
	// EPIPE, ECONNRESET: the daemon has closed its end.
	stdin?.on('error', () => {});
	return () => void stdin?.destroy();
}

/**
 * A process with this pid but another parent has been given it after the daemon had ended and was reaped; unless it has the
 * marker: then it is the launcher that has ended.
 */
function identifyChild(pid: number, launcher: number, marker: string): ProcessIdentity {
	const facts = readProcess(pid);
	const isOurs = facts?.ppid === launcher || findStartedWith(marker, [pid]).has(pid);
	return { pid, startTime: facts && isOurs ? facts.startTime : 'ended at once' };
}
