/** What must not overlap: each piece of work begins when the one before has ended, however it ended. */

export class Queue {
	#last: Promise<unknown> = Promise.resolve();
	#cancelling = new AbortController();

	/** `work` is given a signal that {@link cancel} aborts, from the moment it was asked for. */
	run<T>(work: (cancelled: AbortSignal) => Promise<T>): Promise<T> {
		const { signal } = this.#cancelling;
		const result = this.#last.then(() => work(signal));
		this.#last = result.catch(() => {
			// Who asked for that work was told; here only its end matters.
		});
		return result;
	}

	/** Tells all that is under way or waits for its turn. */
	cancel(): void {
		this.#cancelling.abort();
		this.#cancelling = new AbortController();
	}
}
