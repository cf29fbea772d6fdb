/** Which names a command may be about. */
import { closestMatch } from 'leven';
import { InvalidOptionError } from '../errors.ts';
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
			unknown.map(name => sayUnknown(name, all, checkout)),
		);
}

function sayUnknown(name: string, all: readonly string[], checkout: string): string {
	const nearest = closestMatch(name, [...all], { maxDistance: 4 });
	if (nearest !== undefined) return `No service is called ${name}. Did you mean ${nearest}?`;
	return `No service is called ${name}${all.length > 0 ? `. Services: ${all.join(', ')}` : ` in ${checkout}`}.`;
}
