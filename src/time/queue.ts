/** Keeps pieces of work from overlapping: each begins when the one before it has settled, whether or not it failed. */

export class Queue {
	#last: Promise<unknown> = Promise.resolve();
	#cancelling = new AbortController();

	/** `work` gets a signal that {@link cancel} aborts, even while the work still waits for its turn. */
	run<T>(work: (cancelled: AbortSignal) => Promise<T>): Promise<T> {
		const { signal } = this.#cancelling;
		const result = this.#last.then(() => work(signal));
		this.#last = result.catch(() => {
			// Its caller gets the error; the queue only needs to know that it has settled.
		});
		return result;
	}

	/** Aborts the signals of all work that is under way or waits for its turn. */
	cancel(): void {
		this.#cancelling.abort();
		this.#cancelling = new AbortController();
	}
}
