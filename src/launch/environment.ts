/** The environment that a daemon gets: the caller's and the user's, and a marker that all its children inherit. */

/** Shells drop what is no name of theirs (`spring.datasource.url`) and act on others: those pass under another name. */
export const CARRIER = 'WITHDAEMON_ENV_';

export interface Passage {
	/** What the launcher gets. */
	readonly env: NodeJS.ProcessEnv;
	/** How many variables travel under another name. */
	readonly carried: number;
}

export function packEnvironment(env: NodeJS.ProcessEnv): Passage {
	const entries = Object.entries(env).filter(([name, value]) => name !== '' && value !== undefined);
	const odd = entries.filter(([name]) => !isShellName(name));
	const plain = entries.filter(([name]) => isShellName(name));
	const carriers = odd.map(([name, value], index) => [`${CARRIER}${index}`, `${name}=${value}`] as const);
	return { env: Object.fromEntries([...plain, ...carriers]), carried: odd.length };
}

/** The part of the launcher's script that gives carried variables their own names back: env(1) takes any name. */
export function unpackScript(carried: number): string {
	const indices = [...Array(carried).keys()];
	if (indices.length === 0) return '';
	const unset = indices.map(index => `-u ${CARRIER}${index}`);
	const set = indices.map(index => `"$${CARRIER}${index}"`);
	return ['/usr/bin/env', ...unset, '--', ...set, ''].join(' ');
}

/** What dash or bash would set, refuse to change, or be told by (POSIX, XCU 2.5.3; bash(1)). */
const SHELL_VARIABLES = new Set(['IFS', 'OPTIND', 'PS4', 'PPID', 'LINENO', 'ENV', 'BASH_ENV', 'SHELLOPTS', 'BASHOPTS']);

const isShellName = (name: string) => /^[A-Za-z_]\w*$/.test(name) && !SHELL_VARIABLES.has(name);
