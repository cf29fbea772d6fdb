/** Makes paths in options absolute: a relative one refers to the working directory at the time when it was given. */
import { resolve } from 'node:path';
import { isServer } from '../bootstrap/is-server.mjs';
import { isRecord } from '../option-rules.ts';
import { whyNoWorkingFolder } from '../os/working-folder.ts';
import { toPath } from '../server/module.ts';

/** Call this for options that were checked, in the same turn in which the user gives them. */
export function makeAbsolute<O extends object>(options: O): O {
	const given = Object.entries(options).map(([name, value]): [string, unknown] => [name, toAbsolute(name, value)]);
	return Object.fromEntries(given) as O;
}

/** The options whose paths are relative to a working directory that was removed. They need not be checked yet. */
export function findRelativeProblems(options: object): string[] {
	const why = whyNoWorkingFolder();
	if (why === undefined) return [];
	return Object.entries(options)
		.filter(([name, value]) => !canBeAbsolute(name, value))
		.map(
			([name]) =>
				`The path of \`${name}\` is relative to the caller's working directory, which ${why}: give an absolute one.`,
		);
}

function canBeAbsolute(name: string, value: unknown): boolean {
	try {
		toAbsolute(name, value);
		return true;
	} catch (error) {
		// Otherwise it is a URL that is no path, which the check of the option refuses.
		return (error as NodeJS.ErrnoException).syscall !== 'uv_cwd';
	}
}

function toAbsolute(name: string, value: unknown): unknown {
	switch (name) {
		case 'pidFile':
		case 'logFile':
			return typeof value === 'string' ? resolve(value) : value;
		case 'cwd':
			return typeof value === 'string' ? resolvePath(value) : value;
		case 'listen':
			if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toSocket(one)]));
			return toSocket(value);
		case 'startupCommand':
		case 'server':
		case 'afterFork':
		case 'beforeExec':
			return isRecord(value) && !isServer(value) && typeof value['module'] === 'string'
				? { ...value, module: toPath(value['module']) }
				: value;
		default:
			return value;
	}
}

const toSocket = (wanted: unknown) => (typeof wanted === 'string' && wanted !== 'auto' ? resolvePath(wanted) : wanted);

/** What a placeholder at the beginning stands for, such as `{dir}`, is absolute. */
const resolvePath = (path: string) => (path.startsWith('{') ? path : resolve(path));
