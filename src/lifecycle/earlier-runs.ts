/** The runs before a restart of which something may be left: a teardown ends that too. */
import type { DaemonExitedError } from '../errors.ts';
import type { Leak } from '../teardown/ladder.ts';
import type { Run } from './run.ts';

export class EarlierRuns {
	#left: readonly Run[] = [];
	#badEnd: DaemonExitedError | undefined;

	/** The daemon of this run has ended, and another one is about to take its place. */
	add(run: Run): void {
		this.#badEnd ??= run.takeBadEnd();
		if (run.teardown.isOver()) void run.process.dismiss();
		else this.#left = [...this.#left, run];
	}

	areOver(): boolean {
		return this.#left.every(({ teardown }) => teardown.isOver());
	}

	/** What they have left behind, ended; and what was wrong with the end of the first one that ended badly. To be told once. */
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
