/** Work that must not be under way twice: who asks again meanwhile gets the same promise. */

export class Flight<T> {
	readonly #work: () => Promise<T>;
	/** What is under way. */
	current: Promise<T> | undefined;

	constructor(work: () => Promise<T>) {
		this.#work = work;
	}

	run(): Promise<T> {
		this.current ??= this.#work().finally(() => {
			this.current = undefined;
		});
		return this.current;
	}
}
