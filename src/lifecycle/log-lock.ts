/** One living daemon at a time has a log: of two, one would be taken for ready by the other's line. */
import { createHash } from 'node:crypto';
import { type Release, tryLock, whoHolds } from '../lock.ts';
import { locateLog } from '../log/place.ts';
import { printable } from '../printable.ts';

export class LogLock {
	readonly #path: string | undefined;
	readonly #daemon: { readonly name: string };
	#release: Release | undefined;

	/** Without a path there is nothing to lock, nor with one that is no file. */
	constructor(path: string | undefined, daemon: { readonly name: string }) {
		this.#path = path;
		this.#daemon = daemon;
	}

	/** Resolves with whose log it is if it is another daemon's. */
	async take(): Promise<string | undefined> {
		const place = this.#path === undefined ? undefined : locateLog(this.#path);
		if (this.#release || place?.kind !== 'file') return undefined;
		const name = `log-${createHash('sha256').update(place.path).digest('hex')}`;
		this.#release = await tryLock(name, `${this.#daemon.name}, which process ${process.pid} started`);
		if (this.#release) return undefined;
		return printable((await whoHolds(name)) ?? 'another daemon');
	}

	release(): void {
		this.#release?.();
		this.#release = undefined;
	}
}
