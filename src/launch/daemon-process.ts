/** The process of a daemon, as its caller holds it: its identity, and a promise of its end. */
import { type EvidenceRow, type ExitStatus, UNKNOWN_EXIT } from '../error-text.ts';
import { identify, isRunning, type ProcessIdentity } from '../process/identity.ts';
import type { StartPoint } from '../process/process-info.ts';
import { readCommandLine } from '../process/table.ts';
import { findSurvivors, type Survivor, type SurvivorQuery } from '../survivors/find.ts';
import { pollUntilUnref } from '../time/poll.ts';
import { isLaunching } from './launcher-script.ts';
import type { WrittenLine } from './written-line.ts';

/** An error that a daemon's JavaScript did not catch, with evidence about it. */
export interface Uncaught {
	readonly error: unknown;
	readonly evidence: readonly EvidenceRow[];
}

export interface DaemonProcess {
	readonly identity: ProcessIdentity;
	/** The leader of the daemon's group and session; undefined for an adopted daemon. */
	readonly launcher: number | undefined;
	/** The identity of the launcher, taken at its start: when somebody asks, it may be a zombie already. */
	readonly launcherIdentity: ProcessIdentity | undefined;
	/** The start point of the launcher; undefined for an adopted daemon. */
	readonly since: StartPoint | undefined;
	/** Whether the launcher is there: then no other process can have its pid, and group and session are the daemon's. */
	isLauncherAlive(): boolean;
	/** The marker that the daemon's processes inherit; undefined for an adopted daemon. */
	readonly marker: string | undefined;
	/** The line that it writes to a descriptor, if the launch gave it one for that. */
	readonly line: WrittenLine | undefined;
	/** Resolves when the user's code starts: at once, unless Node has to start before it. */
	readonly userCodeStarted: Promise<void>;
	/** Resolves when the command was executed. Until then the process is a shell of this library. */
	executed(): Promise<void>;
	/** Resolves when the daemon is gone. This does not keep the caller alive. */
	readonly exited: Promise<ExitStatus>;
	/** Whether its JavaScript has thrown an error that ends it, so that only its exit is still to come. */
	isDying(): boolean;
	/** The error that its JavaScript did not catch, if that caused this exit. */
	uncaughtAt(exit: ExitStatus): Uncaught | undefined;
	/**
	 * Ends the launcher, once the daemon is gone and nothing is left of it, or so that init becomes the parent of a
	 * daemon that outlives the caller. Resolves when the launcher is gone, or when the kernel has kept it for too long:
	 * it was killed, runs no code any more, and is reaped as soon as it can be.
	 */
	dismiss(): Promise<void>;
}

/** The query for what the daemon leaves behind; undefined for a daemon that was found by its PID file. */
export function toSurvivorQuery(daemon: DaemonProcess): SurvivorQuery | undefined {
	const { since, marker } = daemon;
	return since && marker ? { since, marker, isLauncherAlive: daemon.isLauncherAlive() } : undefined;
}

/** The living processes of the daemon, itself included; none of a daemon that was found by its PID file. */
export function processesOf(daemon: DaemonProcess): Survivor[] {
	const query = toSurvivorQuery(daemon);
	return query === undefined ? [] : findSurvivors(query);
}

/** Polls /proc, for a process that is not our child. */
export async function whenGone(identity: ProcessIdentity): Promise<ExitStatus> {
	await pollUntilUnref(() => isCertainlyGone(identity));
	return UNKNOWN_EXIT;
}

/**
 * Resolves when the process is no longer the forked shell, nor the Node process with the last argument `entry` that the
 * shell becomes first. Also resolves when the process is gone.
 */
export async function whenExecuted(pid: number, entry?: string): Promise<void> {
	await pollUntilUnref(() => {
		const line = readCommandLine(pid) ?? '';
		if (entry !== undefined && line.endsWith(` ${entry}`)) return false;
		// During execve(2) a process has no command line for a moment, like a zombie.
		return !isLaunching(line) && !(/^\[.*\]$/.test(line) && identify(pid) !== undefined);
	});
}

/** A look that fails with ENFILE says nothing about the process. */
function isCertainlyGone(identity: ProcessIdentity): boolean {
	try {
		return !isRunning(identity);
	} catch {
		return false;
	}
}
