/** Fork, setsid, fork: starts a daemon through the launcher, which reports over one socket. */
import { accessSync, constants } from 'node:fs';
import type { Socket } from 'node:net';
import { openOutput } from '../log/open.ts';
import { reserveDescriptor } from '../os/reserve-descriptor.ts';
import { identify, type ProcessIdentity } from '../process/identity.ts';
import { SINCE_BOOT } from '../process/process-info.ts';
import { sendSignal } from '../process/signals.ts';
import { readProcess, toStartPoint } from '../process/table.ts';
import { FIRST_SOCKET, MOST_SOCKETS } from '../sockets/descriptors.ts';
import { isMarked, ownSessions } from '../survivors/find.ts';
import { killAll } from '../survivors/kill-all.ts';
import { nextTurn } from '../time/clock.ts';
import { unlessAborted } from '../time/deadline.ts';
import { assertFolder, findExecutable, findProgram } from './command.ts';
import { type DaemonProcess, type Uncaught, whenExecuted, whenGone } from './daemon-process.ts';
import { packEnvironment } from './environment.ts';
import { listenTo } from './launcher-channel.ts';
import { CHANNEL, GO, launcherArguments } from './launcher-script.ts';
import type { Launcher } from './spawn.ts';
import { spawnLauncher } from './spawn-launcher.ts';
import { WrittenLine } from './written-line.ts';

export interface LaunchOptions {
	readonly name: string;
	/** The command to execute; its first word is looked for in the daemon's PATH. Empty if there is only a script. */
	readonly argv: readonly string[];
	/** JavaScript that runs in the daemon's process, instead of the command or before it. */
	readonly script?: Script | undefined;
	readonly cwd: string;
	readonly env: NodeJS.ProcessEnv;
	/** The marker, which `env` must contain already. */
	readonly marker: string;
	readonly umask: number | undefined;
	/**
	 * Where stdout and stderr go: to the end of a file, to /dev/null, or where the caller's go; then stdin is the
	 * caller's too.
	 */
	readonly output: { readonly file: string } | 'null' | 'caller';
	/**
	 * `'open'`: a stdin that ends with the caller or the daemon. Absent or `'null'`: as `output` says, else /dev/null.
	 */
	readonly stdin?: 'null' | 'open';
	/** The listening sockets that it inherits, from descriptor 3 on; `env` must describe them already. */
	readonly sockets?: readonly number[];
	/** The descriptor to which it writes a line when it is ready. */
	readonly notifyAt?: number | undefined;
}

/** JavaScript for a Node process, which gets its task over the socket and reports the errors that it did not catch. */
export interface Script {
	readonly argv: readonly string[];
	/** The modules that have to exist. */
	readonly files: readonly string[];
	/** The text of its task; `command` is what the process becomes in the end. */
	task(command: readonly string[]): string;
	/** Explains an error of the process to the user. */
	explain(error: unknown): Uncaught;
}

/**
 * Resolves when the daemon has a pid. Its exec follows within a ms.
 *
 * @param prepare makes what has to exist before the daemon does, while the launcher starts. If it throws, there is no
 * daemon.
 * @throws a system error: the command or `cwd` is missing (ENOENT) or may not be used (EACCES), the log cannot be
 * written, or the caller cannot fork (EAGAIN, EMFILE, ENOMEM).
 */
export async function launch(
	options: LaunchOptions,
	signal: AbortSignal,
	prepare: () => void = () => {},
): Promise<DaemonProcess> {
	const { name, script, cwd, env, marker, umask, output, sockets = [], notifyAt } = options;
	reserveDescriptor();
	assertFolder(cwd);
	for (const module of script?.files ?? []) accessSync(module, constants.R_OK);
	const command = findCommand(options);
	const [file = '', ...args] = script?.argv ?? command;
	const task = script?.task(command);
	const packed = packEnvironment(env);
	// env(1), which restores variables with odd names, would take a path with `=` for another variable; nice(1) does not.
	const detour = packed.byEnv > 0 && file.includes('=') ? [findExecutable('nice', cwd), '-n', '0'] : [];
	// Above descriptor 2, Node opens nothing for `ignore`.
	const log = output === 'caller' ? undefined : openOutput(output === 'null' ? '/dev/null' : output.file);
	const [stdout, stderr] = log === undefined ? [1, 2] : [log.descriptor, log.descriptor];
	const scriptOptions = {
		marker,
		umask,
		packedCounts: packed,
		keepsSocket: script !== undefined,
		sockets: sockets.length,
		notifyAt,
	};
	const stdin = options.stdin === 'open' ? 'socket' : output === 'caller' ? 0 : 'null';
	const inherited = [...Array(MOST_SOCKETS).keys()].map(
		index => sockets[index] ?? (FIRST_SOCKET + index === notifyAt ? 'socket' : 'null'),
	);
	let spawning: Promise<Launcher>;
	try {
		spawning = spawnLauncher(isNative => ({
			argv: ['/bin/sh', ...launcherArguments(name, [...detour, file, ...args], { ...scriptOptions, isNative })],
			cwd,
			env: packed.env,
			stdio: [stdin, stdout, 'null', ...inherited, 'socket', stderr],
		}));
	} finally {
		log?.close();
	}
	const launcher = await spawning;
	// The launcher needs longer than this until it listens.
	await nextTurn();
	const following = follow(launcher, options, signal);
	try {
		signal.throwIfAborted();
		prepare();
		launcher.socket(CHANNEL).write(`${GO}${task ?? ''}`);
	} catch (error) {
		// The launcher sees that nobody says go, and ends.
		launcher.socket(CHANNEL).destroy();
		await following.catch(() => {});
		throw error;
	}
	return await following;
}

/** The argument vector, with the path of the file that its first word names. */
function findCommand({ argv, cwd, env }: LaunchOptions): readonly string[] {
	const [command, ...args] = argv;
	if (command === undefined) return [];
	return [findProgram(command, cwd, env['PATH']), ...args];
}

async function follow(
	launcher: Launcher,
	{ name, argv, marker, script, stdin, notifyAt }: LaunchOptions,
	signal: AbortSignal,
): Promise<DaemonProcess> {
	const closeStdin = stdin === 'open' ? holdStdin(launcher.socket(0)) : () => {};
	ownSessions.set(launcher.pid, name);
	launcher.onGone(() => ownSessions.delete(launcher.pid));
	const line = notifyAt === undefined ? undefined : new WrittenLine(launcher.socket(notifyAt), notifyAt);
	const socket = launcher.socket(CHANNEL);
	const explain = script?.explain ?? (error => ({ error, evidence: [] }));
	const { started, userCodeStarted, exited, uncaught, isDying } = listenTo(socket, explain);

	let since = SINCE_BOOT;
	let identity: ProcessIdentity;
	let launcherIdentity: ProcessIdentity | undefined;
	try {
		// The launcher waits for the word of its caller, so it has started nothing yet.
		since = toStartPoint(launcher.pid);
		launcherIdentity = identify(launcher.pid);
		identity = identifyChild(await unlessAborted(started, signal), launcher.pid, marker);
	} catch (error) {
		if (launcher.isHeld()) sendSignal(-launcher.pid, 'SIGKILL');
		await launcher.end();
		// The daemon may exist although its pid has not arrived, and it may have left its group.
		await killAll({ since, marker, isLauncherAlive: false });
		closeStdin();
		throw error;
	}
	let isReported = false;
	void exited.promise.then(() => {
		isReported = true;
		closeStdin();
	});
	socket.once('close', () => {
		// The launcher was killed.
		if (!isReported) void whenGone(identity).then(exited.resolve);
	});
	return {
		identity,
		launcher: launcher.pid,
		launcherIdentity,
		since,
		marker,
		isLauncherAlive: () => launcher.isHeld(),
		line,
		userCodeStarted: script ? userCodeStarted : Promise.resolve(),
		// While hooks run, the process is Node and not the command yet.
		executed: () => whenExecuted(identity.pid, argv.length > 0 ? script?.argv.at(-1) : undefined),
		exited: exited.promise,
		uncaughtAt: ({ code, signal }) => (code === 0 || signal !== null ? undefined : uncaught()),
		isDying,
		dismiss: () => launcher.end(isReported),
	};
}

/** Keeps the caller's end of an open stdin. Returns a function that closes it. */
function holdStdin(stdin: Socket): () => void {
	// EPIPE, ECONNRESET: the daemon closed its end.
	stdin.on('error', () => {});
	return () => void stdin.destroy();
}

/**
 * The daemon may have ended at once, and another process may have its pid by now. The pid is believed if its parent is
 * the launcher, or, as the launcher may have ended instead, if the process carries the marker.
 */
function identifyChild(pid: number, launcher: number, marker: string): ProcessIdentity {
	const facts = readProcess(pid);
	const isOurs = facts?.ppid === launcher || isMarked(pid, marker);
	return { pid, startTime: facts && isOurs ? facts.startTime : 'ended at once' };
}
