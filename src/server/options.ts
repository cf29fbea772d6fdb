/** What a server can be given: its methods and its options. */

import type { Logger } from '../logger.ts';
import { boolean, callable, logger, type Rule, text } from '../option-rules.ts';
import { PidFile } from '../pid-file/pid-file.ts';
import { LONGEST_MS } from '../time/clock.ts';

/**
 * What a server does: `starting` until its first `run` is called, then `running` or `waiting` for the next one; `stopping`
 * from when it is to stop until it is `stopped`, which it also is before it was started.
 */
export type ServerStatus = 'stopped' | 'starting' | 'running' | 'waiting' | 'stopping';

/** What its methods are told. */
export interface ServerContext {
	/** Aborts when the server is to stop. */
	readonly signal: AbortSignal;
}

/**
 * What a server does when; each may be async. `run` is required; the others do nothing unless they are given, but for `int`
 * and `term`, which shut down. Those that are given for signals run one after the other, in the order of the signals.
 */
export interface ServerMethods {
	/** The work, done every `interval`; never while it is under way. */
	run(context: ServerContext): unknown;
	/** The signals are handled and the PID file is there; `run` comes next. */
	beforeStarting(context: ServerContext): unknown;
	/** `run` has begun. */
	afterStarting(context: ServerContext): unknown;
	/** A shutdown was asked for; a `run` may still be under way. */
	beforeStopping(): unknown;
	/** The last `run` has settled. */
	afterStopping(): unknown;
	/** SIGHUP. */
	hup(): unknown;
	/** SIGINT: {@link Server.shutdown} unless it is given. */
	int(): unknown;
	/** SIGTERM: {@link Server.shutdown} unless it is given. */
	term(): unknown;
	/** SIGUSR1; Node's inspector does not start then. */
	usr1(): unknown;
	/** SIGUSR2. */
	usr2(): unknown;
}

type GivenMethods = { readonly [K in keyof ServerMethods]?: ServerMethods[K] | undefined };

/** The options of a {@link Server}; its methods are among them, for who does not want to subclass. */
export interface ServerOptions extends GivenMethods {
	/** Ms from the end of one `run` to the next. Defaults to 0: at once. */
	readonly interval?: number | undefined;
	/**
	 * Whether `interval` counts from the start of a `run` instead: one that took longer is followed by the next at once, and
	 * the logger is warned. Defaults to false.
	 */
	readonly strictInterval?: boolean | undefined;
	/** The server stops after so many times that `run` has settled, with or without an error. Defaults to no limit. */
	readonly maximumIterations?: number | undefined;
	/** Whether the server goes on after an error in `run`. Defaults to false. */
	readonly continueOnError?: boolean | undefined;
	/** A path or a {@link PidFile}. Defaults to the server's name, in lower case, in the working directory. Mode 0640. */
	readonly pidFile?: string | PidFile | undefined;
	/** Told of errors in `run` and in signal handlers, and of a run longer than a strict interval. Defaults to stderr for warnings and errors, silence for the rest. */
	readonly logger?: Logger | undefined;
	/** The module that exports this server, a path or a `file:` URL: for a daemon. Defaults to the file that made it. */
	readonly module?: string | URL | undefined;
}

/** Which signal each of them is called for. */
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
	module: { expected: 'a path or a file: URL', accepts: value => text.accepts(value) || value instanceof URL },
	...(Object.fromEntries(METHODS.map(name => [name, callable])) as Record<keyof ServerMethods, Rule>),
};

/** Those that were given. */
export function methodsOf(options: ServerOptions): Partial<ServerMethods> {
	return Object.fromEntries(METHODS.map(name => [name, options[name]]).filter(([, method]) => method !== undefined));
}
