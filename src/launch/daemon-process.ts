/** A daemon as the caller holds it: who it is, and the news of its end. */
import type { EvidenceRow, ExitStatus } from '../error-text.ts';
import { identify, isRunning, type ProcessIdentity } from '../process/identity.ts';
import type { StartPoint } from '../process/process-info.ts';
import { readCommandLine } from '../process/table.ts';
import type { SurvivorQuery } from '../survivors/find.ts';
import { pollUntilUnref } from '../time/poll.ts';
import { isLaunching } from './launcher-script.ts';

/** What a daemon that is JavaScript did not catch, and what can be told about it. */
export interface Uncaught {
	readonly error: unknown;
	readonly evidence: readonly EvidenceRow[];
}

export interface DaemonProcess {
	readonly identity: ProcessIdentity;
	/** Led the daemon's group and session from the first; undefined for an adopted daemon. */
	readonly launcher: number | undefined;
	/** The launcher as a moment; undefined for an adopted daemon. */
	readonly since: StartPoint | undefined;
	/** Whether the launcher is there: then nobody else can have its pid, and group and session are the daemon's. */
	isLauncherAlive(): boolean;
	/** What the daemon's processes carry in their environment; undefined for an adopted daemon. */
	readonly marker: string | undefined;
	/** Resolves when the daemon runs what the user wrote: at once, unless Node has to come first. */
	readonly userCodeStarted: Promise<void>;
	/** Resolves when the command was executed: until then the process is a shell of ours. To be called by who needs it. */
	executed(): Promise<void>;
	/** Resolves when the daemon is gone. It does not keep the caller alive by itself. */
	readonly exited: Promise<ExitStatus>;
	/** Whether its JavaScript has thrown what ends it, and only its exit is still to come. */
	isDying(): boolean;
	/** The error that its JavaScript did not catch, if that is what made it end so; undefined if there was none. */
	uncaughtAt(exit: ExitStatus): Uncaught | undefined;
	/** Lets the daemon outlive the caller: ends the launcher, and init becomes the daemon's parent. */
	release(): void;
	/** The daemon is gone and looked after: the launcher may go too. Resolves when it has. */
	dismiss(): Promise<void>;
}

/** How to find what the daemon leaves behind; undefined for one that was found by its PID file. */
export function toSurvivorQuery(daemon: DaemonProcess): SurvivorQuery | undefined {
	const { since, marker } = daemon;
	return since && marker ? { since, marker, isLauncherAlive: daemon.isLauncherAlive() } : undefined;
}

/** For a process that is not our child: /proc again and again. */
export async function whenGone(identity: ProcessIdentity): Promise<ExitStatus> {
	await pollUntilUnref(() => isCertainlyGone(identity));
	return { code: null, signal: null };
}

/**
 * Resolves when a pid that was told is no longer that of the inner shell, nor of what it becomes first, whose last argument
 * is `entry`; also when it is gone.
 */
export async function whenExecuted(pid: number, entry?: string): Promise<void> {
	await pollUntilUnref(() => {
		const line = readCommandLine(pid) ?? '';
		if (entry !== undefined && line.endsWith(` ${entry}`)) return false;
		// In the midst of execve(2) a process has no command line for a moment, as a zombie has none.
		return !isLaunching(line) && !(/^\[.*\]$/.test(line) && identify(pid) !== undefined);
	});
}

/** A look that fails, with ENFILE, says nothing. */
function isCertainlyGone(identity: ProcessIdentity): boolean {
	try {
		return !isRunning(identity);
	} catch {
		return false;
	}
}
