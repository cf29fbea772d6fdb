/** Reads what a config file exports. */
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvalidOptionError } from '../errors.ts';
import { importTypeScript, whyNotRunnable } from '../javascript/typescript.ts';
import { isRecord } from '../option-rules.ts';
import { describeLoadError, explainJson } from './load-error.ts';

/**
 * The default export of the file, which may be anything.
 *
 * @param file an absolute path.
 * @param from the folder from which errors name it.
 * @throws {@link InvalidOptionError} that names the file, and the place in it that could not be read or has thrown.
 */
export async function readConfig(file: string, from: string): Promise<unknown> {
	const why = whyNotRunnable(file);
	if (why !== undefined) throw invalidConfig(file, from, [`It cannot be loaded: ${why}.`]);
	try {
		if (file.endsWith('.json')) return parse((await readFile(file, 'utf8')).replace(BYTE_ORDER_MARK, ''));
		return defaultOf(await settled(importTypeScript(pathToFileURL(file).href, file)));
	} catch (error) {
		throw invalidConfig(file, from, problemsIn(error) ?? [`It cannot be loaded: ${describeLoadError(error, file)}`]);
	}
}

/** The names of the services in what a config file exports, without the tasks. Nothing else of it is checked. */
export function namesIn(exported: unknown): readonly string[] {
	const members = isRecord(exported) ? Object.entries(exported) : [];
	return members.filter(([, member]) => isRecord(member) && member['task'] !== true).map(([name]) => name);
}

export function invalidConfig(file: string, from: string, problems: readonly string[]): InvalidOptionError {
	const near = relative(from, file);
	const name = near.startsWith('..') ? file : near;
	return new InvalidOptionError(name, problems.length === 1 ? [`${name}: ${problems[0]}`] : problems);
}

/** The error is known by its code: the CLI and the config file may each have loaded a `withdaemon` of their own. */
export function problemsIn(error: unknown): readonly string[] | undefined {
	const isOurs = isRecord(error) && error['code'] === 'ERR_DAEMON_INVALID_OPTION' && Array.isArray(error['problems']);
	return isOurs ? (error['problems'] as readonly string[]) : undefined;
}

/** Some editors write it at the beginning of a file. */
const BYTE_ORDER_MARK = /^\uFEFF/;

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw explainJson(error, text);
	}
}

function defaultOf(module: unknown): unknown {
	const exported = isRecord(module) ? module['default'] : undefined;
	// A package of the type `commonjs`, which `npm init` makes: tsx compiles its modules to CommonJS.
	return isRecord(exported) && exported['__esModule'] === true ? exported['default'] : exported;
}

/** Rejects if the module waits for what cannot happen any more. Node would exit without a word. */
async function settled(importing: Promise<unknown>): Promise<unknown> {
	let onIdle = () => {};
	const idle = new Promise<never>((_, reject) => {
		onIdle = () => reject('it waits at its top level for a promise that will never be settled');
	});
	process.once('beforeExit', onIdle);
	return await Promise.race([importing, idle]).finally(() => process.off('beforeExit', onIdle));
}
