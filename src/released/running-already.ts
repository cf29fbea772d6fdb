/** A member of a group that runs already: its dependents get what its entry says. */
import { namedPorts } from '../ports/named.ts';
import type { RunningDaemon } from '../start-daemon.ts';
import type { Released } from './find.ts';

/**
 * A group needs no more of a daemon that runs already than this, and must not be given more: the daemon is not this
 * caller's to end.
 */
export const toRunning = (released: Released): RunningDaemon =>
	new RunningAlready(released) as unknown as RunningDaemon;

class RunningAlready {
	readonly state = 'ready';
	/** It never aborts: a death is seen by the next command. */
	readonly signal: AbortSignal = new AbortController().signal;
	readonly released: Released;
	readonly pid: number;
	readonly captures: Readonly<Record<string, string>>;
	readonly dir: string;
	readonly pidFile: string;
	readonly logFile: string | undefined;

	constructor(released: Released) {
		const { record, run, launched, folder } = released;
		this.released = released;
		this.pid = launched.identity.pid;
		this.captures = record.captures;
		this.dir = folder ?? '';
		this.pidFile = run.pidFile;
		this.logFile = record.log?.path;
	}

	/** Its options have been checked: a port is only read where there is one. */
	get port(): number {
		return this.released.record.ports['port'] ?? 0;
	}

	get ports(): Readonly<Record<string, number>> {
		return namedPorts(Object.entries(this.released.record.ports));
	}

	/** Nothing is left of what this caller has started. */
	isOver(): boolean {
		return true;
	}

	noteFailure(): void {
		// It is not this start that it failed.
	}

	async proveAbsence(): Promise<void> {
		// Only a task is asked for that.
	}

	async [Symbol.asyncDispose](): Promise<void> {
		// It stays as it was.
	}
}
