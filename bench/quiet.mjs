/**
 * Says whether other programs were at work: the processors are looked at while the bench itself does nothing, before
 * and after each cycle. A cycle counts only if the machine was quiet both times.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** /proc/stat counts in ticks of 10 ms: in a window of two of them, one tick on one processor may be chance. */
const WINDOW_MS = 20;
const MOST_BUSY_TICKS = 1;
const TICK_MS = 10;

/** As it stands in the result. */
export const QUIET_RULE =
	`A cycle is left out if, in the ${WINDOW_MS} ms before or after it, ` +
	`the processors were busy for more than ${MOST_BUSY_TICKS} tick of ${TICK_MS} ms while the bench itself did nothing. ` +
	'Where fewer than a third of the cycles would be left, all of them count, and the row says "noisy". With `--chrt` all count.';

export class Quiet {
	#busy = 0;
	#lookedMs = 0;
	#isStrict;

	/** @param {boolean} isStrict whether noise matters: it hardly does if what is measured has real-time priority */
	constructor(isStrict) {
		this.#isStrict = isStrict;
	}

	/** @returns {Promise<boolean>} whether the machine was quiet for the length of a window */
	async look() {
		const [before, start] = [busyTicks(), performance.now()];
		await pause(WINDOW_MS);
		const busy = busyTicks() - before;
		this.#lookedMs += performance.now() - start;
		this.#busy += busy;
		return busy <= MOST_BUSY_TICKS || !this.#isStrict;
	}

	/** The mean load by others, in processors. */
	get foreignLoad() {
		return this.#lookedMs === 0 ? 0 : (this.#busy * TICK_MS) / this.#lookedMs;
	}
}

/** user + nice + system + irq + softirq + steal of proc_stat(5), over all processors. */
function busyTicks() {
	const [, user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'latin1')
		.split(/\s+/, 9)
		.map(Number);
	return [user, nice, system, irq, softirq, steal].reduce((sum = 0, ticks = 0) => sum + ticks, 0) ?? 0;
}
