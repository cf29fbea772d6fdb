/** The probe `fileExists`: a file is there, has content and, if that is asked for, is no longer being written. */
import type { Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { files } from '../builtins.ts';
import { findGivenProblems, ms, type Rule } from '../option-rules.ts';
import { hasCode } from '../os/errno.ts';
import { printable } from '../printable.ts';
import { now } from '../time/clock.ts';
import { describeFileType, path as pathRule } from './file-type.ts';
import { makeProbe, type Probe } from './probe.ts';
import { watched } from './watched.ts';

export interface FileExistsOptions {
	/** Ms for which no look has seen a change of the file. Absent: a file with content is enough. */
	readonly stableForMs?: number | undefined;
}

const rules: Readonly<Record<string, Rule>> = { path: pathRule, stableForMs: ms };

/**
 * Holds when there is a file at this path, and not an empty one. The path may begin in the daemon's working directory,
 * and its folder may not exist yet. It is watched, and not polled. A file that an earlier run has left counts, too:
 * `{dir}` is new in each run.
 *
 * @example
 * fileExists('{dir}/schema.json', { stableForMs: 200 })
 */
export function fileExists(path: string, options: FileExistsOptions = {}): Probe {
	return makeProbe({
		name: 'fileExists',
		given: { ...options, path },
		problems: findGivenProblems({ path }, options, rules),
		begin: ({ path: given, stableForMs }, { cwd }) => {
			const path = resolve(cwd, given);
			let seen: { readonly state: string; readonly since: number } | undefined;
			const look = async () => {
				// A change during the look may not be seen, so the time ends where the look begins.
				const begun = now();
				const file = await files()
					.stat(path)
					.catch((error: unknown) => explain(error, path));
				const why = typeof file === 'string' ? file : findFault(file);
				if (typeof file === 'string' || why !== undefined) {
					seen = undefined;
					return why ?? 'no answer yet';
				}
				if (stableForMs === undefined) return true;
				const state = `${file.ino} ${file.size} ${file.mtimeMs}`;
				if (seen?.state !== state) seen = { state, since: now() };
				if (begun - seen.since >= stableForMs) return true;
				return `it has ${file.size} bytes, but has not been the same for ${stableForMs} ms yet`;
			};
			// Nothing announces that a file does not change.
			const stableIn = () => seen && Math.max(seen.since + (stableForMs ?? 0) - now(), 0);
			return watched(printable(`file ${path}`), path, look, stableIn);
		},
	});
}

function findFault(file: Stats): string | undefined {
	if (!file.isFile()) return `it is ${describeFileType(file)}, and not a file`;
	return file.size === 0 ? 'it is empty' : undefined;
}

async function explain(error: unknown, path: string): Promise<string> {
	if (!hasCode(error, 'ENOENT')) return (error as NodeJS.ErrnoException).code ?? String(error);
	const folder = dirname(path);
	const isThere = await files()
		.stat(folder)
		.then(
			() => true,
			() => false,
		);
	return printable(isThere ? 'it does not exist' : `its folder ${folder} does not exist`);
}
