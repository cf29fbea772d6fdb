/** The daemons of a whole run of vitest, as its tests know them. */
import { tellOthers } from '../hooks/death-file.ts';
import type { Whereabouts } from '../hooks/whereabouts.ts';
import { type DaemonGroup, InvalidOptionError, type RunningMember, startDaemons } from '../index.ts';
import type { ProvidedDaemon } from './provided.ts';

export interface DaemonOfRun {
	readonly name: string;
	readonly provided: ProvidedDaemon;
	/** Undefined for a task, which has ended. */
	readonly whereabouts: Whereabouts | undefined;
}

export interface DaemonsOfRun {
	readonly all: readonly DaemonOfRun[];
	/** Whether all of them are as they were. */
	areThere(): boolean;
	end(): Promise<void>;
}

export async function startForRun(group: DaemonGroup): Promise<DaemonsOfRun> {
	const running = await startDaemons(group);
	return {
		all: Object.entries(running).map(([name, member]) => ({
			name,
			provided: describe(member),
			whereabouts: member.state === 'stopped' ? undefined : tellOthers(member),
		})),
		areThere: () => true,
		end: async () => await running[Symbol.asyncDispose](),
	};
}

function describe(member: RunningMember): ProvidedDaemon {
	const { pid, ports, captures, exports } = member;
	return { pid, port: portOf(member), ports, captures, exports };
}

function portOf(member: RunningMember): number | undefined {
	try {
		return member.port;
	} catch (error) {
		if (error instanceof InvalidOptionError) return undefined;
		throw error;
	}
}
