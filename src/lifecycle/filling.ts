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

/** The caller's environment, with the variables that the option `env` adds. */
export function fillEnvironment(options: ResolvedOptions, filling: PlaceholderValues): NodeJS.ProcessEnv {
	return { ...process.env, ...Object.fromEntries(fillAdded(options, filling)) };
}

type Variable = readonly [name: string, value: string | undefined];

/** The variables that the option `env` adds or, if the value is undefined, removes. */
export function fillAdded({ env }: ResolvedOptions, filling: PlaceholderValues): Variable[] {
	return Object.entries(env).map(([name, value]) => [
		name,
		value === undefined ? value : fillIn(String(value), filling),
	]);
}
