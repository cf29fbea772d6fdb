/** Fork, setsid, fork: starts a daemon through the launcher and hears about its life over one socket. */
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
import { listenTo } from './launcher-channel.ts';
import { launcherArguments } from './launcher-script.ts';
import { findProjectProgram } from './project-programs.ts';
import { type Spawned, spawnProcess } from './spawn.ts';

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
	const packed = packEnvironment(env);
	// env(1), which restores variables of odd names, would take such a path for one more of them: nice(1) would not.
	const detour = packed.byEnv > 0 && file.includes('=') ? [findExecutable('nice', cwd), '-n', '0'] : [];
	// Node opens nothing for `ignore` above descriptor 2.
	const log = output === 'caller' ? undefined : openOutput(output === 'null' ? '/dev/null' : output.file);
	const [stdout, stderr] = log === undefined ? [1, 2] : [log.descriptor, log.descriptor];
	const launcherArgv = launcherArguments(name, [...detour, file, ...args], {
		marker,
		umask,
		packedCounts: packed,
		keepsSocket: script !== undefined,
	});
	let spawning: Promise<Spawned>;
	try {
		spawning = spawnProcess({
			argv: ['/bin/sh', ...launcherArgv],
			cwd,
			env: packed.env,
			stdio: [options.stdin === 'open' ? 'socket' : output === 'caller' ? 0 : 'null', stdout, 'null', 'socket', stderr],
		});
	} finally {
		log?.close();
	}
	const launcher = await spawning;
	if (task !== undefined) launcher.socket(3).write(task);
	return await follow(launcher, options, signal);
}

/** With the path of the file that its first word stands for. */
function findCommand({ argv, cwd, env }: LaunchOptions): readonly string[] {
	const [command, ...args] = argv;
	if (command === undefined) return [];
	const program = command.includes('/') ? undefined : findProjectProgram(command);
	return [program ?? findExecutable(command, cwd, env['PATH']), ...args];
}

async function follow(
	launcher: Spawned,
	{ name, argv, marker, script, stdin }: LaunchOptions,
	signal: AbortSignal,
): Promise<DaemonProcess> {
	const closeStdin = stdin === 'open' ? holdStdin(launcher.socket(0)) : () => {};
	ownSessions.set(launcher.pid, name);
	void launcher.gone.then(() => ownSessions.delete(launcher.pid));
	const socket = launcher.socket(3);
	const explain = script?.explain ?? (error => ({ error, evidence: [] }));
	const { started, userCodeStarted, exited, uncaught, isDying } = listenTo(socket, explain);

	let since = SINCE_BOOT;
	let identity: ProcessIdentity;
	try {
		// It has read nothing of its script yet, or hardly: what it starts comes after.
		since = toStartPoint(launcher.pid);
		identity = identifyChild(await unlessAborted(started, signal), launcher.pid, toVariable(marker));
	} catch (error) {
		if (launcher.isHeld()) sendSignal(-launcher.pid, 'SIGKILL');
		await settlesWithin(launcher.gone, KILL_MS);
		// It may be there, although nobody has heard of it, and may have left its group.
		await killAll({ since, marker, isLauncherAlive: false });
		closeStdin();
		throw error;
	}
	void exited.promise.then(closeStdin);
	socket.once('close', () => void whenGone(identity).then(exited.resolve));
	return {
		identity,
		launcher: launcher.pid,
		since,
		marker,
		isLauncherAlive: () => launcher.isHeld(),
		userCodeStarted: script ? userCodeStarted : Promise.resolve(),
		// Node with hooks is not the command yet.
		executed: () => whenExecuted(identity.pid, argv.length > 0 ? script?.argv.at(-1) : undefined),
		exited: exited.promise,
		uncaughtAt: ({ code, signal }) => (code === 0 || signal !== null ? undefined : uncaught()),
		isDying,
		release: () => launcher.kill('SIGKILL'),
		dismiss: async () => {
			// It has nothing left to do but to wait for us; SIGKILL ends it even if somebody has stopped it.
			launcher.kill('SIGKILL');
			await launcher.wait();
		},
	};
}

/** Keeps the caller's end of an open stdin. Answers what closes it. */
function holdStdin(stdin: Socket): () => void {
	// EPIPE, ECONNRESET: the daemon has closed its end.
	stdin.on('error', () => {});
	return () => void stdin.destroy();
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
