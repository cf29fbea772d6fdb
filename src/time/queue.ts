/** Keeps pieces of work from overlapping: each begins when the one before it has settled, whether or not it failed. */

export class Queue {
	#last: Promise<unknown> = Promise.resolve();
	/** How much work is under way or waits for its turn. */
	#pending = 0;
	#cancelling = new AbortController();

	/** `work` gets a signal that {@link cancel} aborts, even while the work still waits for its turn. */
	run<T>(work: (cancelled: AbortSignal) => Promise<T>): Promise<T> {
		const { signal } = this.#cancelling;
		const result = this.#last.then(() => work(signal));
		const settle = () => {
			// Its caller gets the error, if there is one.
			this.#pending -= 1;
		};
		this.#pending += 1;
		this.#last = result.then(settle, settle);
		return result;
	}

	/** Aborts the signals of all work that is under way or waits for its turn. */
	cancel(): void {
		if (this.#pending === 0) return;
		this.#cancelling.abort();
		this.#cancelling = new AbortController();
	}
}
