/**
 * Attaches to a daemon that another process started, found by its PID file or by the registry entry of its dead caller.
 */
import type { ExitStatus } from '../error-text.ts';
import { isRunning, type ProcessIdentity } from '../process/identity.ts';
import type { StartPoint } from '../process/process-info.ts';
import { sendSignal } from '../process/signals.ts';
import { type DaemonProcess, whenGone } from './daemon-process.ts';

/** The facts about its launch in the registry. */
export interface Origin {
	readonly launcher: ProcessIdentity;
	readonly since: StartPoint;
	readonly marker: string;
}

/**
 * No event announces the daemon's end, and its exit status is unknown. Without an `origin` it was found by its PID
 * file.
 */
export function attach(identity: ProcessIdentity, origin?: Origin): DaemonProcess {
	let exited: Promise<ExitStatus> | undefined;
	const isLauncherAlive = () => origin !== undefined && isRunning(origin.launcher);
	return {
		identity,
		launcher: origin?.launcher.pid,
		since: origin?.since,
		marker: origin?.marker,
		isLauncherAlive,
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
			if (origin && isLauncherAlive()) sendSignal(origin.launcher.pid, 'SIGKILL');
		},
	};
}
