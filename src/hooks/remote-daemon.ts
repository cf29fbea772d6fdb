/** A daemon of another process, such as the one that runs vitest: its log, and the news of its death. */
import { Log } from '../log/log.ts';
import { sleep } from '../time/clock.ts';
import { unlessAborted } from '../time/deadline.ts';
import { DeathFile } from './death-file.ts';
import { PolledProcess } from './polled-process.ts';
import type { DeathSource, Whereabouts } from './whereabouts.ts';

/** A connection breaks before anybody knows of the death; a failed test waits this long for the news. */
const SUSPICION_MS = 50;

export class RemoteDaemon {
	readonly name: string;
	readonly #logFile: string | undefined;
	readonly #source: DeathSource;
	readonly #died = new AbortController();

	constructor({ name, logFile, death }: Whereabouts) {
		this.name = name;
		this.#logFile = logFile;
		this.#source =
			typeof death === 'string' ? new DeathFile(name, death) : new PolledProcess(name, death, () => this.log);
	}

	/** Aborts at its death, if that was looked for. */
	get signal(): AbortSignal {
		return this.#died.signal;
	}

	get log(): Log | undefined {
		if (this.#logFile === undefined) return undefined;
		return new Log(this.#logFile, { name: this.name, timeout: 0 }, () => undefined);
	}

	/** Looks for its death until the returned function is called. */
	watch(): () => void {
		this.look();
		if (this.signal.aborted) return () => {};
		const stop = this.#source.watch(() => this.look());
		this.look();
		return stop;
	}

	/** Whether it has died. `isSuspected`: a test has failed, perhaps because of that. */
	async hasDied(isSuspected: boolean): Promise<boolean> {
		const stop = this.watch();
		if (isSuspected) await unlessAborted(sleep(SUSPICION_MS), this.signal).catch(() => {});
		stop();
		return this.signal.aborted;
	}

	async assertNotDied(): Promise<void> {
		this.signal.throwIfAborted();
	}

	look(): void {
		if (this.signal.aborted) return;
		const death = this.#source.look();
		if (death) this.#died.abort(death);
	}
}
