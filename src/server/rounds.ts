/** Repeats the runs of a server: counts them, and waits for the next one. */
import type { Logger } from '../logger.ts';
import { now, sleep } from '../time/clock.ts';

/** The settings of the repetition. They are read at each use, as they may be assigned meanwhile. */
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

	/** How many times `run` has settled. */
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

	/** Makes a wait that is under way compute its length again. */
	wake(): void {
		this.#wait?.abort();
	}

	/** Resolves when the signal is aborted or `run` has settled often enough. Rejects as `run` does. */
	async repeat(run: () => Promise<void>, signal: AbortSignal): Promise<void> {
		// One listener serves all waits: a server may run for years, and each AbortSignal.any() of Node 20 leaks.
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
		// The pause comes at least once, as Node handles signals between two turns of the event loop.
		do {
			this.#wait = new AbortController();
			await sleep(Math.max(0, dueIn()), { signal: this.#wait.signal }).catch(() => {
				// The wait was woken.
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
