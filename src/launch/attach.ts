/**
 * Attaches to a daemon that another process started, found by its PID file or by its entry in the registry.
 */
import type { ExitStatus } from '../error-text.ts';
import { isRunning, type ProcessIdentity } from '../process/identity.ts';
import type { ProcessInfo, Snapshot, StartPoint } from '../process/process-info.ts';
import { sendSignal } from '../process/signals.ts';
import { isLiving, listStartedSince } from '../process/table.ts';
import { nextTurn } from '../time/clock.ts';
import { type DaemonProcess, whenGone } from './daemon-process.ts';

/** The facts about its launch in the registry. */
export interface Origin {
	readonly launcher: ProcessIdentity;
	readonly since: StartPoint;
	readonly marker: string;
	/** A moment, in the unit of start times, at which the daemon was in the session of its launcher. */
	readonly inSessionAt?: number | undefined;
}

/**
 * No event announces the daemon's end, and its exit status is unknown. Without an `origin` it was found by its PID
 * file.
 */
export function attach(identity: ProcessIdentity, origin?: Origin): DaemonProcess {
	let exited: Promise<ExitStatus> | undefined;
	return {
		identity,
		launcher: origin?.launcher.pid,
		launcherIdentity: origin?.launcher,
		since: origin?.since,
		marker: origin?.marker,
		isLauncherAlive: origin ? watchSession(identity, origin) : () => false,
		line: undefined,
		userCodeStarted: Promise.resolve(),
		executed: () => Promise.resolve(),
		// Polling starts only when this is read.
		get exited() {
			exited ??= whenGone(identity);
			return exited;
		},
		isDying: () => false,
		uncaughtAt: () => undefined,
		// The launcher ends by itself, as its socket is closed, unless a signal has stopped it.
		dismiss: async () => {
			if (origin && isRunning(origin.launcher)) sendSignal(origin.launcher.pid, 'SIGKILL');
		},
	};
}

/**
 * Returns a function that says whether group and session are certainly still the daemon's. Without its caller the
 * launcher ends with the daemon, or before it; but as long as any process is in the session, no other one gets that id.
 */
function watchSession(daemon: ProcessIdentity, { launcher, since, inSessionAt = 0 }: Origin): () => boolean {
	let members: readonly ProcessIdentity[] = [launcher];
	const look = (isTheirs: (inSession: readonly ProcessInfo[]) => boolean): boolean => {
		const { processes } = listInThisTurn(since);
		const inSession = processes.filter(facts => [facts.sid, facts.pgid].includes(launcher.pid) && isLiving(facts));
		// The processes that prove it are looked at last: had they ended before, the others could be strangers.
		if (!isTheirs(inSession)) return false;
		members = [launcher, ...inSession];
		return true;
	};
	// No process can join a session: one that is in it now, and was by that moment, was in it together with the daemon.
	const wasThere = ({ sid, startTime }: ProcessInfo) => sid === launcher.pid && Number(startTime) <= inSessionAt;
	look(inSession => isRunning(daemon) || inSession.filter(wasThere).some(isRunning));
	return () => look(() => members.some(isRunning));
}

let listed: { readonly since: StartPoint; readonly snapshot: Snapshot } | undefined;

/** All looks of one turn of the event loop share one listing, as a reaper may have hundreds of daemons to end. */
function listInThisTurn(since: StartPoint): Snapshot {
	if (listed === undefined) void nextTurn().then(() => (listed = undefined));
	else if (listed.snapshot.mayBeSince(since.pid, listed.since)) return listed.snapshot;
	listed = { since, snapshot: listStartedSince(since) };
	return listed.snapshot;
}
