/** The runs before a restart, of which a teardown has to end the survivors too. */
import type { DaemonExitedError } from '../errors.ts';
import type { Leak } from '../teardown/ladder.ts';
import type { Run } from './run.ts';

export class EarlierRuns {
	#left: readonly Run[] = [];
	#badEnd: DaemonExitedError | undefined;

	/** Adds a run whose daemon has ended, before another one takes its place. */
	add(run: Run): void {
		this.#badEnd ??= run.takeBadEnd();
		if (run.teardown.isOver()) void run.process.dismiss();
		else this.#left = [...this.#left, run];
	}

	areOver(): boolean {
		return this.#left.every(({ teardown }) => teardown.isOver());
	}

	/**
	 * Ends and returns what they left behind, and the error of the first one that ended badly. Each is only reported
	 * once.
	 */
	async end(): Promise<{ readonly leaks: readonly Leak[]; readonly badEnd: DaemonExitedError | undefined }> {
		const [runs, badEnd] = [this.#left, this.#badEnd];
		[this.#left, this.#badEnd] = [[], undefined];
		const leaks: Leak[] = [];
		for (const { teardown, process } of runs) {
			leaks.push(...(await teardown.run(Promise.resolve())).leaks);
			await process.dismiss();
		}
		return { leaks, badEnd };
	}
}
