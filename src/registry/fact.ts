/** The facts that are noted about a daemon: each is a line of JSON in its entry. */

import type { ProcessIdentity } from '../process/identity.ts';
import type { StartPoint } from '../process/process-info.ts';
import type { KillMode } from '../teardown/signal-daemon.ts';
import type { Machine } from './host-id.ts';

/** How to ask a daemon to end whose caller is dead. A function of the caller cannot do it any more. */
export type RecordedRequest =
	| { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
	| {
			readonly kind: 'program';
			readonly argv: readonly string[];
			readonly cwd: string;
			/** The variables that the options add to the environment; null removes a variable. */
			readonly env: Readonly<Record<string, string | null>>;
	  };

/** A run of a daemon, noted before its launch. */
export interface RunRecord {
	readonly name: string;
	readonly marker: string;
	readonly pidFile: string;
	readonly request: RecordedRequest;
	readonly killMode: KillMode;
	readonly shutdownTimeout: number;
}

/** The processes that the launch made. */
export interface LaunchRecord {
	readonly marker: string;
	readonly identity: ProcessIdentity;
	readonly launcher: ProcessIdentity;
	readonly since: StartPoint;
}

/** The sleeping reaper has asked a daemon to end, by the signal of its run. */
export interface AskedRecord extends ProcessIdentity {
	/** The group that got the signal; 0 if the daemon alone did. */
	readonly pgid: number;
	/** A moment, in the unit of start times, at which the daemon was in the session of its launcher; 0 if it was not. */
	readonly inSessionAt: number;
}

/** What others have to know of a daemon that has outlived its caller. */
export interface ReleasedRecord {
	readonly name: string;
	/** The folder that it belongs to. */
	readonly checkout: string;
	/** The machine on which its pid is valid. */
	readonly machine: Machine;
	/** Its options by their names, in readable words, and as values if they are all of JSON and patterns. */
	readonly definition: Readonly<Record<string, string>>;
	readonly options: Readonly<Record<string, unknown>> | undefined;
	/** Its ports by their placeholders: `port`, `ports.NAME`. */
	readonly ports: Readonly<Record<string, number>>;
	/** Which of these are ports of UDP. */
	readonly udp: readonly string[];
	/** The paths of the unix sockets that it inherited. */
	readonly sockets: readonly string[];
	readonly captures: Readonly<Record<string, string>>;
	readonly exports: Readonly<Record<string, string>>;
	/** The members of its group that it depends on, directly or not, without tasks. */
	readonly dependsOn: readonly string[];
	/** Ms since the epoch. */
	readonly startedAt: number;
	/** Ms from the start until it was ready. */
	readonly readyAfter: number;
	/** Its log, and how many bytes of that are from before its start; undefined if there is no log to read. */
	readonly log: { readonly path: string; readonly offset: number } | undefined;
	/** Whether a leak or the use of force is an error. */
	readonly strict: boolean;
	/** Is sent before force is used. */
	readonly diagnosticSignal: NodeJS.Signals | undefined;
}

export type Fact =
	| { readonly folder: string }
	| { readonly run: RunRecord }
	| { readonly launched: LaunchRecord }
	| { readonly asked: AskedRecord }
	| { readonly released: ReleasedRecord };
