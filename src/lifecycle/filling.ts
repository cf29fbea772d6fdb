/** The values of one daemon's placeholders, and its environment with these values. */
import { resolve } from 'node:path';
import { fillIn, type PlaceholderValues } from '../launch/placeholders.ts';
import type { ResolvedOptions } from '../options/options.ts';
import type { Scope } from './scope.ts';

export interface Filling extends PlaceholderValues {
	readonly pidFile: string;
}

export function toFilling(
	{ pidFile, logFile }: ResolvedOptions,
	scope: Scope,
	ports: ReadonlyMap<string, number>,
	sockets: ReadonlyMap<string, string> = new Map(),
): Filling {
	const path = resolve(typeof pidFile === 'string' ? pidFile : pidFile.filename);
	const numbers = Object.fromEntries([...ports, ...sockets].map(([name, port]) => [name, String(port)]));
	return { ...numbers, pidFile: path, logFile, dir: scope.kind === 'scoped' ? scope.dir : undefined };
}

/**
 * What a supervisor, be it systemd or this library, has told the caller alone: a daemon that got it would report to it
 * in the caller's name, or look for sockets that it does not have.
 */
const FOR_CALLER = ['NOTIFY_SOCKET', 'LISTEN_FDS', 'LISTEN_FDNAMES', 'LISTEN_PID'];

/** What a daemon gets of the caller's environment as it is now. */
export function callersEnvironment(): NodeJS.ProcessEnv {
	const env: NodeJS.ProcessEnv = {};
	// `{ ...process.env }` asks Node three times for each variable.
	for (const name of Object.keys(process.env)) if (!FOR_CALLER.includes(name)) env[name] = process.env[name];
	return env;
}

/** The caller's environment, with the variables that members of its group export, and those of the option `env`. */
export function fillEnvironment(
	options: ResolvedOptions,
	scope: Scope,
	filling: PlaceholderValues,
	callers = callersEnvironment(),
): NodeJS.ProcessEnv {
	return { ...callers, ...Object.fromEntries(fillAdded(options, scope, filling)) };
}

type Variable = readonly [name: string, value: string | undefined];

/** The variables that are added or, if the value is undefined, removed. The option `env` wins. */
export function fillAdded({ env }: ResolvedOptions, scope: Scope, filling: PlaceholderValues): Variable[] {
	const own = Object.entries(env).map(
		([name, value]): Variable => [name, value === undefined ? value : fillIn(String(value), filling)],
	);
	return [...(scope.kind === 'scoped' ? Object.entries(scope.membership.imports) : []), ...own];
}
