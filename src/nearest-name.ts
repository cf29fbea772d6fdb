/** Finds the name that was probably meant. */
import { closestMatch, default as distance } from 'leven';

/**
 * The nearest of these names. Undefined if less than half of the name is right, unless two letters changed their
 * places, as in `bd`.
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
	const nearest = closestMatch(name, [...names]);
	if (nearest === undefined) return undefined;
	const isNear = distance(name, nearest) * 2 < Math.max(name.length, nearest.length);
	return isNear || sorted(name) === sorted(nearest) ? nearest : undefined;
}

const sorted = (name: string) => [...name].sort().join('');
