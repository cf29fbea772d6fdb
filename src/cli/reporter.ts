/** What a command tells while it works. Each way to tell, such as plain lines, is one of these. */
import type { MemberChange } from '../index.ts';

export interface Reporter {
	/** The state of a service has changed. */
	onChange(change: MemberChange): void;
	/** All services are ready, and CMD begins. */
	onCmd(argv: readonly string[]): void;
	/** CMD is over. */
	onCmdEnd(exitCode: number): void;
	/** The first signal has come. */
	onInterrupt(signal: NodeJS.Signals): void;
	/** Nothing is left, or all that went wrong is known. */
	onEnd(errors: readonly unknown[], exitCode: number): void;
}
