/** The runs of a daemon: the present one, and those before a restart, whose survivors a teardown has to end too. */
import type { DaemonExitedError } from '../errors.ts';
import { NOTHING_TO_END, type TeardownReport } from '../evidence/teardown-failure.ts';
import type { Timeline } from '../evidence/timeline.ts';
import type { DaemonProcess } from '../launch/daemon-process.ts';
import type { Leak } from '../teardown/ladder.ts';
import type { Run } from './run.ts';

export class Runs {
	#current: Run | undefined;
	#earlier: readonly Run[] = [];
	/** What earlier runs have left, until it was reported. */
	#leaks: readonly Leak[] = [];
	#badEnd: DaemonExitedError | undefined;

	/** The present run, or the latest one. */
	get current(): Run | undefined {
		return this.#current;
	}

	/** Call this when another daemon takes the place of the one before, which has ended. */
	begin(run: Run): void {
		if (this.timelineOf(run.process) === undefined) this.#retire();
		this.#current = run;
	}

	/** The timeline of the present run, if a process is of the same launch: it was followed from its command. */
	timelineOf({ marker }: DaemonProcess): Timeline | undefined {
		const run = this.#current;
		return marker !== undefined && marker === run?.process.marker ? run.timeline : undefined;
	}

	/** Whether nothing is left of what was started; false if that cannot be found out. */
	isOver(): boolean {
		try {
			return [...this.#earlier, ...(this.#current ? [this.#current] : [])].every(({ teardown }) => teardown.isOver());
		} catch {
			// ENFILE: the processes cannot be looked at.
			return false;
		}
	}

	/** Ends what was left behind by a daemon that has ended. The next {@link end} reports it. */
	async clear(): Promise<void> {
		this.#retire();
		await this.#clearEarlier();
	}

	/** Ends the present run and what the others left. What is found is only reported once. */
	async end(asking: Promise<void>): Promise<TeardownReport> {
		const run = this.#current;
		if (run === undefined) return await asking.then(() => NOTHING_TO_END);
		const outcome = await run.teardown.run(asking);
		await this.#clearEarlier();
		const [leaks, earlier] = [this.#leaks, this.#badEnd];
		[this.#leaks, this.#badEnd] = [[], undefined];
		const badEnd = earlier ?? (outcome.refusal === undefined ? run.takeBadEnd() : undefined);
		return { ...NOTHING_TO_END, ...outcome, badEnd, leaks: [...leaks, ...outcome.leaks] };
	}

	#retire(): void {
		const run = this.#current;
		if (run === undefined || this.#earlier.includes(run)) return;
		this.#badEnd ??= run.takeBadEnd();
		if (run.teardown.isOver()) void run.process.dismiss();
		else this.#earlier = [...this.#earlier, run];
	}

	async #clearEarlier(): Promise<void> {
		const runs = this.#earlier;
		this.#earlier = [];
		for (const { teardown, process } of runs) {
			const { leaks } = await teardown.run(Promise.resolve());
			this.#leaks = [...this.#leaks, ...leaks];
			await process.dismiss();
		}
	}
}
