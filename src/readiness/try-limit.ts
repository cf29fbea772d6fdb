/** The time limit of a single try, so that one that hangs does not use up the time of the whole wait. */
import { now } from '../time/clock.ts';
import { Deadline } from '../time/deadline.ts';

/**
 * Begins with a short limit, as a server that hangs may be quicker when it is asked anew. Each try that is not over in
 * time doubles the limit, as others need long for their first answer, however often they are asked.
 */
export class TryLimit {
	#ms: number;

	constructor(ms: number) {
		this.#ms = ms;
	}

	/**
	 * Settles as `attempt` does, or resolves with the text of `late` when the limit is over.
	 *
	 * @throws the signal's reason if the signal is aborted first.
	 */
	async hold(
		attempt: (signal: AbortSignal) => Promise<true | string>,
		late: (ms: number) => string,
		signal: AbortSignal,
	): Promise<true | string> {
		const deadline = new Deadline(this.#ms, now(), signal);
		try {
			return await attempt(deadline.signal);
		} catch (error) {
			if (!deadline.isOver || signal.aborted) throw error;
			this.#ms *= 2;
			return late(deadline.ms);
		} finally {
			deadline.clear();
		}
	}
}
