/** What one process tells another one about a daemon, and how the other one learns of its death. */
import type { DaemonExitedError } from '../index.ts';
import type { ProcessIdentity } from '../process/identity.ts';

/** A daemon as it is described to another process: structured data. */
export interface Whereabouts {
	readonly name: string;
	/** Undefined if its output cannot be read. */
	readonly logFile: string | undefined;
	/** The folder in which its owner reports its death; or its process, if it has no owner. */
	readonly death: string | Ownerless;
}

/** A daemon that has outlived its caller. */
export interface Ownerless {
	readonly identity: ProcessIdentity;
	/** How many bytes of its log are from before its start. */
	readonly logOffset: number;
}

/** The source of the news of a death. */
export interface DeathSource {
	look(): DaemonExitedError | undefined;
	/** Calls `onChange` when a look may find something new, until the function that this returns is called. */
	watch(onChange: () => void): () => void;
}
