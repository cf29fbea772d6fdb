/** What is noted about a daemon: a fact is a line of JSON in its entry. */

import type { ProcessIdentity } from '../process/identity.ts';
import type { StartPoint } from '../process/process-info.ts';
import type { KillMode } from '../teardown/signal-daemon.ts';

/** How to ask a daemon whose caller is dead to end: by a function it cannot be. */
export type RecordedRequest =
	| { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
	| {
			readonly kind: 'program';
			readonly argv: readonly string[];
			readonly cwd: string;
			/** What the options add to the environment; null removes a variable. */
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

/** Who it became. */
export interface LaunchRecord {
	readonly marker: string;
	readonly identity: ProcessIdentity;
	readonly launcher: ProcessIdentity;
	readonly since: StartPoint;
}

/** One line. */
export type Fact = { readonly folder: string } | { readonly run: RunRecord } | { readonly launched: LaunchRecord };
