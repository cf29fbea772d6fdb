/** The settings of a PID file: they can be read, and assigned between two uses. */
import { basename, dirname, join } from 'node:path';
import { InvalidOptionError } from '../errors.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { findBreaches, isRecord, logger as loggerRule, mode as modeRule, show, text } from '../option-rules.ts';

/** Where a PID file is: its exact path, or a name to derive it from. */
export interface PidFileOptions {
	/** Gives the file its name: `'My Server'` becomes `my_server.pid`. Defaults to the name of the program that runs. */
	readonly name?: string | undefined;
	/** The folder. Defaults to the working directory. */
	readonly path?: string | undefined;
	/** The file's permissions, whatever the umask. Defaults to 0640. */
	readonly mode?: number | undefined;
	/** Gets a line for each step, and the reason when `kill` fails. Defaults to no logging. */
	readonly logger?: Logger | undefined;
}

const rules = {
	name: text,
	path: text,
	mode: modeRule,
	logger: loggerRule,
};

export abstract class PidFileSettings {
	#name: string;
	#path: string;
	#mode: number;
	#logger: Logger;
	/** The exact path that was given; undefined once `name` or `path` is assigned. */
	#exact: string | undefined;

	/**
	 * @param options an exact path, or the options to derive one from.
	 * @throws {@link InvalidOptionError} that names every option that is unknown or has a wrong value.
	 */
	constructor(options: string | PidFileOptions = {}, logger: Logger = silentLogger) {
		const given: PidFileOptions = typeof options === 'string' ? splitPath(options) : options;
		if (!isRecord(given as unknown))
			throw new InvalidOptionError('PidFile', [`Expected a path or an object, but got ${show(given)}.`]);
		assertValid({ logger, ...given });
		const { name, path, mode } = given;
		this.#exact = typeof options === 'string' ? options : undefined;
		this.#name = name ?? splitPath(process.argv[1] ?? process.title).name;
		this.#path = path ?? '.';
		this.#mode = mode ?? 0o640;
		this.#logger = given.logger ?? logger;
	}

	/** The name that the file's name is derived from. Assigning it changes `filename` from the next use on. */
	get name(): string {
		return this.#name;
	}
	set name(name: string) {
		assertValid({ name: name ?? null });
		this.#name = name;
		this.#exact = undefined;
	}

	/** The folder. Assigning it changes `filename` from the next use on. */
	get path(): string {
		return this.#path;
	}
	set path(path: string) {
		assertValid({ path: path ?? null });
		this.#path = path;
		this.#exact = undefined;
	}

	/** The permissions of the file. Assigning them takes effect at the next {@link write}. */
	get mode(): number {
		return this.#mode;
	}
	set mode(mode: number) {
		assertValid({ mode: mode ?? null });
		this.#mode = mode;
	}

	get logger(): Logger {
		return this.#logger;
	}
	set logger(logger: Logger) {
		assertValid({ logger: logger ?? null });
		this.#logger = logger;
	}

	/** The path that was given, or the one derived from `name` and `path`. */
	get filename(): string {
		return this.#exact ?? join(this.#path, fileNameFor(this.#name));
	}
}

function assertValid(options: object): void {
	const problems = findBreaches(options, rules);
	if (problems.length > 0) throw new InvalidOptionError('PidFile', problems);
}

function splitPath(path: string): { readonly name: string; readonly path: string } {
	return { name: basename(path).replace(/\.\w+$/, '') || 'daemon', path: dirname(path) };
}

const fileNameFor = (name: string) => `${name.toLowerCase().replaceAll(' ', '_')}.pid`;
