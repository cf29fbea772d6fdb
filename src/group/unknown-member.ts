/** Says that no member of a group has the name that was given. */
import { nearestName } from '../nearest-name.ts';

/** @param where the place that was searched, such as a folder. It is named if there are no members at all. */
export function sayUnknownMember(name: string, names: readonly string[], where: string): string {
	const nearest = nearestName(name, names);
	if (nearest !== undefined) return `No service is called ${name}. Did you mean ${nearest}?`;
	return `No service is called ${name}${names.length > 0 ? `. Services: ${names.join(', ')}` : ` in ${where}`}.`;
}
