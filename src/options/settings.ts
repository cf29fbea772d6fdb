/** The options of one daemon: each can be assigned between two uses, and is checked like in the constructor. */
import { makeAbsolute } from './absolute.ts';
import type { CoreOptions, ResolvedOptions, ServerDaemonOptions } from './options.ts';
import { resolveOptions } from './resolve.ts';
import { readGiven } from './validate.ts';

/** If two options contradict each other, the one that was assigned last holds. */
const RIVALS: Readonly<Record<string, string>> = {
	startupCommand: 'server',
	server: 'startupCommand',
	cwd: 'nochdir',
	nochdir: 'cwd',
};

export class Settings {
	/** Always the same object, so that its users see what was assigned. */
	readonly current: ResolvedOptions;
	readonly #dir: string | undefined;
	#given: object;

	/** @throws {@link InvalidOptionError} that names every problem. */
	static check(options: CoreOptions | ServerDaemonOptions): Settings {
		const given = readGiven(options, 'Daemon');
		return new Settings(given, resolveOptions(given), undefined);
	}

	/** The options must have been checked already. `dir` is the temporary folder, if there is one. */
	constructor(given: CoreOptions | ServerDaemonOptions, resolved: ResolvedOptions, dir: string | undefined) {
		this.#dir = dir;
		this.current = { ...resolved };
		this.#given = this.#withPaths(given);
	}

	/** Makes each option, except for ports and sockets, a property of `target`. Calls `changed` after each assignment. */
	expose(target: object, changed: () => void): void {
		for (const name of Object.keys(this.current) as (keyof ResolvedOptions)[]) {
			// The daemon's `port` and `ports` return the actual numbers, also of the sockets, not the options.
			if (name === 'port' || name === 'ports' || name === 'listen') continue;
			const set = (value: unknown) => {
				this.#assign(name, value);
				changed();
			};
			Object.defineProperty(target, name, {
				get: () => this.current[name],
				set,
				enumerable: true,
				configurable: true,
			});
		}
	}

	#assign(name: string, value: unknown): void {
		const kept = Object.entries(this.#given).filter(([other]) => other !== RIVALS[name]);
		const next = { ...Object.fromEntries(kept), [name]: value } as CoreOptions;
		const { cwd } = this.current;
		const resolved = resolveOptions(next, this.#dir);
		// With `nochdir`, `cwd` is the folder in which the caller was when it gave that option.
		Object.assign(this.current, resolved, name === 'cwd' || name === 'nochdir' ? {} : { cwd });
		this.#given = this.#withPaths(next);
	}

	/** A relative path refers to the working directory at the time when it was given. */
	#withPaths(given: object): object {
		const { pidFile, logFile } = this.current;
		return { ...makeAbsolute(given), pidFile, logFile };
	}
}
