/** Which names a command may be about. */
import { InvalidOptionError } from '../errors.ts';
import { sayUnknownMember } from '../group/unknown-member.ts';
import { listReleased } from './find.ts';
import { findWorker } from './lock.ts';

/**
 * @param known the names in the config file.
 * @throws {@link InvalidOptionError} for names that are not there, and that no command is starting, with the nearest.
 */
export async function refuseUnknown(
	checkout: string,
	names: readonly string[],
	known: readonly string[],
): Promise<void> {
	const all = [...new Set([...known, ...listReleased(checkout).map(({ record }) => record.name)])];
	const missing = names.filter(name => !all.includes(name));
	const workers = await Promise.all(missing.map(name => findWorker(checkout, name)));
	const unknown = missing.filter((_, index) => workers[index] === undefined);
	if (unknown.length > 0)
		throw new InvalidOptionError(
			'withdaemon',
			unknown.map(name => sayUnknownMember(name, all, checkout)),
		);
}
