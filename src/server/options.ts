/** The methods and options of a server. */

import type { Logger } from '../logger.ts';
import { boolean, callable, logger, type Rule, text } from '../option-rules.ts';
import { PidFile } from '../pid-file/pid-file.ts';
import { LONGEST_MS } from '../time/clock.ts';
import { isPath } from './module.ts';

/**
 * The state of a server: `starting` until its first `run` is called, then `running` or `waiting` for the next one;
 * `stopping` once it is to stop, and `stopped` before its start and after its end.
 */
export type ServerStatus = 'stopped' | 'starting' | 'running' | 'waiting' | 'stopping';

/** The argument of its methods. */
export interface ServerContext {
	/** Aborts when the server is to stop. */
	readonly signal: AbortSignal;
}

/**
 * The methods of a server; each may be async. Only `run` is required. By default `int` and `term` shut the server down,
 * and the others do nothing. The methods for signals run one after the other, in the order of the signals.
 */
export interface ServerMethods {
	/** The work, done every `interval`, and never twice at the same time. */
	run(context: ServerContext): unknown;
	/** Called when signals are handled and the PID file exists, before the first `run`. */
	beforeStarting(context: ServerContext): unknown;
	/** Called when the first `run` has begun. */
	afterStarting(context: ServerContext): unknown;
	/** Called when the server is to stop; a `run` may still be under way. */
	beforeStopping(): unknown;
	/** Called when the last `run` has settled. */
	afterStopping(): unknown;
	/** Called at SIGHUP. */
	hup(): unknown;
	/** Called at SIGINT. Defaults to {@link Server.shutdown}. */
	int(): unknown;
	/** Called at SIGTERM. Defaults to {@link Server.shutdown}. */
	term(): unknown;
	/** Called at SIGUSR1, which then does not start Node's inspector. */
	usr1(): unknown;
	/** Called at SIGUSR2. */
	usr2(): unknown;
}

type GivenMethods = { readonly [K in keyof ServerMethods]?: ServerMethods[K] | undefined };

/** The options of a {@link Server}. They include its methods, so that no subclass is needed. */
export interface ServerOptions extends GivenMethods {
	/** Ms from the end of one `run` to the next. Defaults to 0: the next one starts at once. */
	readonly interval?: number | undefined;
	/**
	 * Whether `interval` counts from the start of a `run` instead. After a `run` that took longer, the next one starts at
	 * once, and the logger gets a warning. Defaults to false.
	 */
	readonly strictInterval?: boolean | undefined;
	/** The server stops when `run` has settled this many times, with or without an error. Defaults to no limit. */
	readonly maximumIterations?: number | undefined;
	/** Whether the server goes on after an error in `run`. Defaults to false. */
	readonly continueOnError?: boolean | undefined;
	/** A path or a {@link PidFile}. Defaults to the server's name, in lower case, in the working directory. Mode 0640. */
	readonly pidFile?: string | PidFile | undefined;
	/**
	 * Gets errors of `run` and of signal handlers, and warnings about a run longer than a strict interval. Defaults to
	 * stderr for warnings and errors, and to no logging for the rest.
	 */
	readonly logger?: Logger | undefined;
	/**
	 * The module that exports this server, for a daemon: a path or a `file:` URL. Defaults to the file with its `new`.
	 */
	readonly module?: string | URL | undefined;
}

/** The signals of the methods. */
export const SIGNALS = { hup: 'SIGHUP', int: 'SIGINT', term: 'SIGTERM', usr1: 'SIGUSR1', usr2: 'SIGUSR2' } as const;
export type Handler = keyof typeof SIGNALS;
const HOOKS = ['run', 'beforeStarting', 'afterStarting', 'beforeStopping', 'afterStopping'] as const;
export const METHODS = [...HOOKS, ...(Object.keys(SIGNALS) as Handler[])];

export const serverRules: Readonly<Record<keyof ServerOptions, Rule>> = {
	interval: {
		expected: `a number of milliseconds from 0 to ${LONGEST_MS}`,
		accepts: value => typeof value === 'number' && value >= 0 && value <= LONGEST_MS,
	},
	strictInterval: boolean,
	maximumIterations: {
		expected: 'a whole number from 1 on',
		accepts: value => Number.isSafeInteger(value) && Number(value) >= 1,
	},
	continueOnError: boolean,
	pidFile: { expected: 'a path or a PidFile', accepts: value => text.accepts(value) || value instanceof PidFile },
	logger,
	module: { expected: 'a path or a file: URL', accepts: isPath },
	...(Object.fromEntries(METHODS.map(name => [name, callable])) as Record<keyof ServerMethods, Rule>),
};

/** The methods that were given. */
export function methodsOf(options: ServerOptions): Partial<ServerMethods> {
	return Object.fromEntries(METHODS.map(name => [name, options[name]]).filter(([, method]) => method !== undefined));
}
