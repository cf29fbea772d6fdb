/** Lets only one living daemon at a time have a log: with two, one would seem ready by a line of the other. */
import { nameLock, type Release, tryLock, whoHolds } from '../lock.ts';
import { locateLog } from '../log/destination.ts';
import { printable } from '../printable.ts';

export class LogLock {
	readonly #path: string | undefined;
	readonly #daemon: { readonly name: string };
	#release: Release | undefined;

	/** There is nothing to lock without a path, or if the path does not lead to a file. */
	constructor(path: string | undefined, daemon: { readonly name: string }) {
		this.#path = path;
		this.#daemon = daemon;
	}

	/** Resolves to a description of the holder if the log belongs to another daemon. */
	async take(): Promise<string | undefined> {
		const destination = this.#path === undefined ? undefined : locateLog(this.#path);
		if (this.#release || destination?.kind !== 'file') return undefined;
		const name = nameLock('log', destination.path);
		this.#release = await tryLock(name, `${this.#daemon.name}, which process ${process.pid} started`);
		if (this.#release) return undefined;
		return printable((await whoHolds(name)) ?? 'another daemon');
	}

	release(): void {
		this.#release?.();
		this.#release = undefined;
	}
}
