/** Which names a command may be about. */
import { InvalidOptionError } from '../errors.ts';
import { sayUnknownMember } from '../group/unknown-member.ts';
import { nearestName } from '../nearest-name.ts';
import { listReleased } from './find.ts';
import { findWorker } from './lock.ts';

/**
 * @param known the names in the config file.
 * @param isComplete false without a config file: then a name that is nowhere may be one that was stopped, so it is only
 * refused if it is nearly the name of another one.
 * @throws {@link InvalidOptionError} for names that are not there, and that no command is starting, with the nearest.
 */
export async function refuseUnknown(
	checkout: string,
	names: readonly string[],
	known: readonly string[],
	isComplete = true,
): Promise<void> {
	const all = [...new Set([...known, ...listReleased(checkout).map(({ record }) => record.name)])];
	const missing = names.filter(name => !all.includes(name));
	const workers = await Promise.all(missing.map(name => findWorker(checkout, name)));
	const isWrong = (name: string) => isComplete || nearestName(name, all) !== undefined;
	const unknown = missing.filter((name, index) => workers[index] === undefined && isWrong(name));
	if (unknown.length > 0)
		throw new InvalidOptionError(
			'withdaemon',
			unknown.map(name => sayUnknownMember(name, all, checkout)),
		);
}
