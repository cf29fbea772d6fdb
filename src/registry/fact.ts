/** The facts that are noted about a daemon: each is a line of JSON in its entry. */

import type { ProcessIdentity } from '../process/identity.ts';
import type { StartPoint } from '../process/process-info.ts';
import type { KillMode } from '../teardown/signal-daemon.ts';

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

/** One line of an entry. */
export type Fact = { readonly folder: string } | { readonly run: RunRecord } | { readonly launched: LaunchRecord };
