/** A child that libc has created. It is there until the caller reaps it: no other process can have its pid before. */
import { reap, type SpawningLibc } from '../native/posix-spawn.mjs';
import { toSignal } from '../process/signals.ts';
import { KILL_MS } from '../survivors/kill-all.ts';
import { nextTurn } from '../time/clock.ts';
import { settlesWithin } from '../time/deadline.ts';
import { pollUntilUnref } from '../time/poll.ts';

/** How many turns of the event loop the end of a process may take before it is waited for with a timer. */
const MOST_TURNS = 20;

/** The bits of a wait status that have the signal (wait(2)). */
const SIGNAL_BITS = 0x7f;

type GoneListener = (signal: NodeJS.Signals | null) => void;

export class HeldChild {
	readonly pid: number;
	readonly #libc: SpawningLibc;
	readonly #listeners: GoneListener[] = [];
	/** Undefined while it is held. */
	#status: number | 'unknown' | undefined;

	constructor(libc: SpawningLibc, pid: number) {
		this.#libc = libc;
		this.pid = pid;
	}

	isHeld(): boolean {
		return this.#status === undefined;
	}

	/** Calls the listener when it is reaped; at once, if it is. */
	onGone(listener: GoneListener): void {
		if (this.isHeld()) this.#listeners.push(listener);
		else listener(this.#signal());
	}

	/** Null also if another addon of the caller has reaped it, waiting for any child. */
	#signal(): NodeJS.Signals | null {
		return this.#status === 'unknown' ? null : (toSignal((this.#status ?? 0) & SIGNAL_BITS) ?? null);
	}

	/** Whether it is reaped by now. */
	tryToReap(): boolean {
		if (this.isHeld()) {
			this.#status = reap(this.#libc, this.pid);
			if (!this.isHeld()) for (const listener of this.#listeners) listener(this.#signal());
		}
		return !this.isHeld();
	}

	/**
	 * Reaps it, as it is about to end. Resolves when that is done, or when the kernel has kept it for too long: for a
	 * debugger, or until a disk answers (state D). Then it is reaped as soon as it can be.
	 */
	async reapSoon(): Promise<void> {
		for (let turn = 1; turn <= MOST_TURNS && !this.tryToReap(); turn += 1) await nextTurn();
		if (this.isHeld())
			await settlesWithin(
				pollUntilUnref(() => this.tryToReap()),
				KILL_MS,
			);
	}
}
