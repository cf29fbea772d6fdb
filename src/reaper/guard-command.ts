/**
 * Guards a command that is no daemon, such as that of `withdaemon run`: it ends with its caller, whatever ends that.
 */
import { SINCE_BOOT } from '../process/process-info.ts';
import { Entry } from '../registry/entry.ts';
import { killAll } from '../survivors/kill-all.ts';
import { MARKER_VARIABLE, makeMarker } from '../survivors/marker.ts';
import { registerCaller } from './register-caller.ts';

export interface Guard {
	/** What has to be in the environment of the command, and so is in that of all that it starts. */
	readonly env: Readonly<Record<string, string>>;
	/** Kills the command and all that it has started, wherever that is. */
	kill(): Promise<void>;
	/** The command is over. What it has left in the background is its own business. */
	release(): void;
}

/** Resolves when the reaper knows of the command, which may then be started. */
export async function guardCommand(name: string): Promise<Guard> {
	const { folder } = await registerCaller();
	const entry = new Entry(folder);
	const marker = makeMarker();
	const request = { kind: 'signal', signal: 'SIGTERM' } as const;
	entry.note({ run: { name, marker, pidFile: '/dev/null', request, killMode: 'process', shutdownTimeout: 0 } });
	return {
		env: { [MARKER_VARIABLE]: marker },
		kill: async () => void (await killAll({ since: SINCE_BOOT, marker, isLauncherAlive: false })),
		release: () => entry.remove(),
	};
}
