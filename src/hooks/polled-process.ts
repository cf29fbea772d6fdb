/** Looks whether a daemon that has no owner any more still lives, as no event reports its end. */
import { UNKNOWN_EXIT } from '../error-text.ts';
import { DaemonExitedError } from '../index.ts';
import type { Log } from '../log/log.ts';
import { isRunning } from '../process/identity.ts';
import { pollUntilUnref } from '../time/poll.ts';
import type { DeathSource, Ownerless } from './whereabouts.ts';

export class PolledProcess implements DeathSource {
	readonly #name: string;
	readonly #process: Ownerless;
	readonly #log: () => Log | undefined;

	constructor(name: string, process: Ownerless, log: () => Log | undefined) {
		this.#name = name;
		this.#process = process;
		this.#log = log;
	}

	look(): DaemonExitedError | undefined {
		const { identity, logOffset } = this.#process;
		if (isRunning(identity)) return undefined;
		const log = this.#log();
		log?.continueAt(logOffset);
		const evidence = [['pid', `${identity.pid}   gone`] as const, ...(log?.evidence() ?? [])];
		return new DaemonExitedError(this.#name, UNKNOWN_EXIT, { evidence });
	}

	watch(onChange: () => void): () => void {
		const over = new AbortController();
		pollUntilUnref(() => !isRunning(this.#process.identity), over.signal).then(onChange, () => {
			// The watch is over.
		});
		return () => over.abort();
	}
}
