/** Loads a config file, and checks the group that it exports before anything is started. */
import { checkGroup } from '../group/check.ts';
import type { DaemonGroup } from '../group/member.ts';
import { isRecord, show } from '../option-rules.ts';
import { invalidConfig, problemsIn, readConfig } from './read.ts';

/**
 * The group that a config file exports: the result of `defineDaemons()`, or a plain object.
 *
 * @param file an absolute path.
 * @param from the folder from which errors name it.
 * @throws {@link InvalidOptionError} that names the file, and every problem of every member.
 */
export async function loadConfig(file: string, from = process.cwd()): Promise<DaemonGroup> {
	const group = await readConfig(file, from);
	if (!isRecord(group))
		throw invalidConfig(file, from, [`Expected a group of daemons as default export, but got ${show(group)}.`]);
	try {
		checkGroup(group);
	} catch (error) {
		const problems = problemsIn(error);
		throw problems === undefined ? error : invalidConfig(file, from, problems);
	}
	return group as DaemonGroup;
}
