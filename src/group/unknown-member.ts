/** Says that no member of a group has a name. */
import { nearestName } from '../nearest-name.ts';

/** @param where what has no members at all, such as a folder. */
export function sayUnknownMember(name: string, names: readonly string[], where: string): string {
	const nearest = nearestName(name, names);
	if (nearest !== undefined) return `No service is called ${name}. Did you mean ${nearest}?`;
	return `No service is called ${name}${names.length > 0 ? `. Services: ${names.join(', ')}` : ` in ${where}`}.`;
}
