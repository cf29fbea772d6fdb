/** Reports what a command does. Each way to report, such as plain lines, is one of these. */
import type { Ledger, Row } from './ledger.ts';

export interface Reporter {
	/** The services begin to start. */
	onBegin?(ledger: Ledger): void;
	onChange?(row: Row): void;
	/** All services are ready, and CMD begins. It has the terminal until its end. */
	onCmd?(words: readonly string[], exports: Readonly<Record<string, string>>): void;
	onCmdEnd?(exitCode: number): void;
	/** The first signal has come. */
	onInterrupt?(signal: NodeJS.Signals): void;
	/** Nothing is left, or all that went wrong is known. */
	onEnd?(end: End): void;
}

export interface End {
	/** The services as they are now. */
	readonly rows: readonly Row[];
	/** The errors of the library. A failure of CMD is none of them. */
	readonly errors: readonly unknown[];
	readonly exitCode: number;
	/** How long all of it took. */
	readonly ms: number;
}
