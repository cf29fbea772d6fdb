/** The runs of a server: how many there were, and when the next one begins. */
import type { Logger } from '../logger.ts';
import { now, sleep } from '../time/clock.ts';

/** Read anew whenever it is needed, as it may be assigned between. */
export interface Pace {
	readonly name: string;
	readonly interval: number;
	readonly strictInterval: boolean;
	readonly maximumIterations: number | undefined;
	readonly logger: Logger;
}

export class Rounds {
	readonly #pace: Pace;
	#iterations = 0;
	#wait: AbortController | undefined;

	constructor(pace: Pace) {
		this.#pace = pace;
	}

	/** So many times `run` has settled. */
	get iterations(): number {
		return this.#iterations;
	}

	get isWaiting(): boolean {
		return this.#wait !== undefined;
	}

	isFinished(): boolean {
		return this.#iterations >= (this.#pace.maximumIterations ?? Number.POSITIVE_INFINITY);
	}

	startOver(): void {
		this.#iterations = 0;
	}

	/** A wait that is under way looks once more for how long it is. */
	wake(): void {
		this.#wait?.abort();
	}

	/** Resolves when the signal is aborted, or `run` has had its number of turns. Rejects as `run` does. */
	async repeat(run: () => Promise<void>, signal: AbortSignal): Promise<void> {
		// One for all waits: a server may run for years, and AbortSignal.any() of Node 20 leaks with each.
		signal.addEventListener('abort', () => this.wake(), { once: true });
		while (!signal.aborted) {
			const startedAt = now();
			try {
				await run();
			} finally {
				this.#iterations++;
			}
			if (signal.aborted || this.isFinished()) return;
			await this.#waitForNext(startedAt, signal);
			if (this.isFinished()) return;
		}
	}

	async #waitForNext(startedAt: number, signal: AbortSignal): Promise<void> {
		const settledAt = now();
		this.#warnOfOverrun(settledAt - startedAt);
		const dueIn = () => (this.#pace.strictInterval ? startedAt : settledAt) + this.#pace.interval - now();
		// At least once, as signals are heard between two turns of the event loop.
		do {
			this.#wait = new AbortController();
			await sleep(Math.max(0, dueIn()), { signal: this.#wait.signal }).catch(() => {
				// It was woken.
			});
			this.#wait = undefined;
		} while (!signal.aborted && !this.isFinished() && dueIn() > 0);
	}

	#warnOfOverrun(ms: number): void {
		const { name, interval, strictInterval, logger } = this.#pace;
		if (!strictInterval || interval === 0 || ms <= interval) return;
		const took = `took ${Math.ceil(ms)} ms, longer than its interval of ${interval} ms`;
		logger.warn(`The run of ${name} ${took}: the next one starts at once`);
	}
}
