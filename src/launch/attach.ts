/** A hold on a daemon that somebody else has started: found by its PID file, or by what its dead caller has noted. */
import type { ExitStatus } from '../error-text.ts';
import { isRunning, type ProcessIdentity } from '../process/identity.ts';
import type { StartPoint } from '../process/process-info.ts';
import { sendSignal } from '../process/signals.ts';
import { type DaemonProcess, whenGone } from './daemon-process.ts';

/** What is known of its launch. */
export interface Origin {
	readonly launcher: ProcessIdentity;
	readonly since: StartPoint;
	readonly marker: string;
}

/** Its end is no event, and nobody sees its exit status. Without an `origin` it was found by its PID file. */
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
		// Whoever asks pays for the polling, and nobody else.
		get exited() {
			exited ??= whenGone(identity);
			return exited;
		},
		isDying: () => false,
		uncaughtAt: () => undefined,
		release: () => {},
		// The launcher ends by itself, as its socket is closed, unless somebody has stopped it.
		dismiss: async () => {
			if (origin && isLauncherAlive()) sendSignal(origin.launcher.pid, 'SIGKILL');
		},
	};
}
