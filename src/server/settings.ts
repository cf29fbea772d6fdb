/**
 * The settings of a server: each can be read, and assigned while the server runs, and is checked like in the
 * constructor.
 */
import { resolve } from 'node:path';
import { InvalidOptionError } from '../errors.ts';
import { errorLogger, type Logger } from '../logger.ts';
import { findBreaches, text } from '../option-rules.ts';
import { PidFile } from '../pid-file/pid-file.ts';
import type { PidFileOptions } from '../pid-file/settings.ts';
import { findMaker, toPath } from './module.ts';
import { type ServerOptions, serverRules } from './options.ts';

interface Settings {
	interval: number;
	strictInterval: boolean;
	maximumIterations: number | undefined;
	continueOnError: boolean;
	logger: Logger;
}

const watchers = new WeakMap<ServerSettings, () => void>();

/** Calls `changed` after each assignment. */
export function watchSettings(server: ServerSettings, changed: () => void): void {
	watchers.set(server, changed);
}

export abstract class ServerSettings {
	readonly name: string;
	/** The module that should export the server; undefined if its `new` is not in a module, as in a REPL. */
	readonly module: string | undefined;
	readonly #settings: Settings;
	#pidFile: PidFile;

	/** @throws {@link InvalidOptionError} that names every option that is unknown or has a wrong value. */
	constructor(name: string, options: ServerOptions) {
		const problems = text.accepts(name) ? [] : ['These options are required: name.'];
		problems.push(...findBreaches(options, serverRules));
		if (problems.length > 0) throw new InvalidOptionError(text.accepts(name) ? name : 'server', problems);
		this.name = name;
		this.module = options.module === undefined ? findMaker(ServerSettings) : toPath(options.module);
		this.#settings = {
			interval: options.interval ?? 0,
			strictInterval: options.strictInterval ?? false,
			maximumIterations: options.maximumIterations,
			continueOnError: options.continueOnError ?? false,
			logger: options.logger ?? errorLogger,
		};
		this.#pidFile = toPidFile(options.pidFile ?? { name, path: process.cwd() }, this.logger);
	}

	/**
	 * Ms from one `run` to the next. Assigning it takes effect at once: a wait that is under way becomes shorter or
	 * longer.
	 */
	get interval(): number {
		return this.#settings.interval;
	}
	set interval(ms: number) {
		this.#assign('interval', ms);
	}

	/** Whether `interval` counts from the start of a `run`; if not, from its end. Assigning it takes effect at once. */
	get strictInterval(): boolean {
		return this.#settings.strictInterval;
	}
	set strictInterval(isStrict: boolean) {
		this.#assign('strictInterval', isStrict);
	}

	/** The server stops when `run` has settled this many times; undefined: never. Assigning it takes effect at once. */
	get maximumIterations(): number | undefined {
		return this.#settings.maximumIterations;
	}
	set maximumIterations(count: number | undefined) {
		this.#assign('maximumIterations', count);
	}

	/** Whether the server goes on after an error in `run`. Assigning it takes effect at the next error. */
	get continueOnError(): boolean {
		return this.#settings.continueOnError;
	}
	set continueOnError(goesOn: boolean) {
		this.#assign('continueOnError', goesOn);
	}

	get logger(): Logger {
		return this.#settings.logger;
	}
	set logger(logger: Logger) {
		this.#assign('logger', logger);
	}

	get pidFile(): PidFile {
		return this.#pidFile;
	}

	/** Assigning it takes effect at the next {@link Server.startup}. */
	set pidFile(value: string | PidFile | PidFileOptions) {
		this.#pidFile = toPidFile(value, this.logger);
	}

	#assign<K extends keyof Settings>(name: K, value: Settings[K]): void {
		// Only this setting may be absent, so only it can be reset.
		const isTakenBack = value === undefined && name === 'maximumIterations';
		const problems = isTakenBack ? [] : findBreaches({ [name]: value ?? null }, serverRules);
		if (problems.length > 0) throw new InvalidOptionError(this.name, problems);
		this.#settings[name] = value;
		watchers.get(this)?.();
	}
}

/** The path becomes absolute, as the server may change its working directory. */
function toPidFile(value: string | PidFile | PidFileOptions, logger: Logger): PidFile {
	if (value instanceof PidFile) return value;
	return new PidFile(typeof value === 'string' ? resolve(value) : value, logger);
}
