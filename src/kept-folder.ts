/** Keeps a temporary folder with the log in it, if the user wants that, and reports where it is. */

import { addEvidence } from './error-text.ts';
import { DaemonError } from './errors.ts';
import { show } from './option-rules.ts';

/** Keep the folder after a failure of the start, the use or the teardown; or after every run. */
export type Keep = 'failed' | 'always';

export const KEEP_EXPECTED = "'failed' or 'always'";
export const isKeep = (value: unknown): value is Keep => value === 'failed' || value === 'always';

/** Replaces an absent option. It is read at each use, so that a test can set it. */
const VARIABLE = 'WITHDAEMON_KEEP';

export function keepOf({ keep }: { readonly keep?: Keep | undefined }, env = process.env): Keep | undefined {
	const inherited = env[VARIABLE];
	return keep ?? (isKeep(inherited) ? inherited : undefined);
}

/** One sentence if the variable has another value. An empty variable counts as absent. */
export function findKeepProblems(env: NodeJS.ProcessEnv = process.env): string[] {
	const value = env[VARIABLE] ?? '';
	if (value === '' || isKeep(value)) return [];
	return [`Expected the environment variable \`${VARIABLE}\` to be ${KEEP_EXPECTED}, but got ${show(value)}.`];
}

/** Adds the path to the first error of this daemon; if there is none, emits a process warning. */
export function tellKept(name: string, folder: string, errors: readonly unknown[]): void {
	const carrier = errors.find(error => error instanceof DaemonError && error.daemon === name) as
		| DaemonError
		| undefined;
	if (carrier) addEvidence(carrier, [['kept', folder]]);
	else process.emitWarning(`the temporary folder of ${name} was kept: ${folder}`, 'KeptFolderWarning');
}
