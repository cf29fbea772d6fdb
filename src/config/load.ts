/** Loads a config file, and checks the group that it exports before anything is started. */
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { InvalidOptionError } from '../errors.ts';
import { checkGroup } from '../group/check.ts';
import type { DaemonGroup } from '../group/member.ts';
import { importTypeScript, whyNotRunnable } from '../javascript/typescript.ts';
import { isRecord, show } from '../option-rules.ts';

/**
 * The group that a config file exports: the result of `defineDaemons()`, or a plain object.
 *
 * @param file an absolute path.
 * @param from the folder from which errors name it.
 * @throws {@link InvalidOptionError} that names the file, and every problem of every member.
 */
export async function loadConfig(file: string, from = process.cwd()): Promise<DaemonGroup> {
	const invalid = (problems: readonly string[]) => toError(relative(from, file), file, problems);
	const group = await readGroup(file, invalid);
	if (!isRecord(group)) throw invalid([`Expected a group of daemons as default export, but got ${show(group)}.`]);
	try {
		checkGroup(group);
	} catch (error) {
		throw invalid(problemsIn(error));
	}
	return group as DaemonGroup;
}

type ToError = (problems: readonly string[]) => InvalidOptionError;

async function readGroup(file: string, invalid: ToError): Promise<unknown> {
	const why = whyNotRunnable(file);
	if (why !== undefined) throw invalid([`It cannot be loaded: ${why}.`]);
	try {
		if (file.endsWith('.json')) return JSON.parse(await readFile(file, 'utf8'));
		return defaultOf(await importTypeScript(pathToFileURL(file).href, file));
	} catch (error) {
		throw invalid(problemsIn(error));
	}
}

function defaultOf(module: unknown): unknown {
	const exported = isRecord(module) ? module['default'] : undefined;
	// A package of the type `commonjs`, which `npm init` makes: tsx compiles its modules to CommonJS.
	return isRecord(exported) && exported['__esModule'] === true ? exported['default'] : exported;
}

/** By its code, as `withdaemon` may be there twice: the CLI's own, and the one that the config file imports. */
function problemsIn(error: unknown): readonly string[] {
	if (isRecord(error) && error['code'] === 'ERR_DAEMON_INVALID_OPTION' && Array.isArray(error['problems']))
		return error['problems'];
	const text = types.isNativeError(error) ? (error.stack ?? error.message) : String(error);
	const lines = text.split('\n').filter(line => line !== '' && !/^\s+at .*node:/.test(line));
	return [`It cannot be loaded: ${lines.join('\n')}`];
}

function toError(near: string, file: string, problems: readonly string[]): InvalidOptionError {
	const name = near.startsWith('..') ? file : near;
	return new InvalidOptionError(name, problems.length === 1 ? [`${name}: ${problems[0]}`] : problems);
}
