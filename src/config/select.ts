/** Selects members of a group, with everything that they depend on. */
import { closestMatch } from 'leven';
import { InvalidOptionError } from '../errors.ts';
import { allDependencies } from '../group/graph.ts';
import type { DaemonGroup } from '../group/member.ts';

/**
 * @param names no name stands for the whole group.
 * @throws {@link InvalidOptionError} for a name that no member has, with the nearest one.
 */
export function selectMembers(group: DaemonGroup, names: readonly string[]): DaemonGroup {
	if (names.length === 0) return group;
	const unknown = names.filter(name => !Object.hasOwn(group, name));
	if (unknown.length > 0)
		throw new InvalidOptionError(
			'daemons',
			unknown.map(name => sayUnknown(name, group)),
		);
	const graph = new Map(Object.entries(group).map(([name, { dependsOn = [] }]) => [name, [dependsOn].flat()]));
	const wanted = new Set(names.flatMap(name => [name, ...allDependencies(graph, name)]));
	return Object.fromEntries(Object.entries(group).filter(([name]) => wanted.has(name)));
}

function sayUnknown(name: string, group: DaemonGroup): string {
	const names = Object.keys(group);
	const nearest = closestMatch(name, names, { maxDistance: 4 });
	const hint = nearest === undefined ? `Services: ${names.join(', ')}.` : `Did you mean ${nearest}?`;
	return `No service is called ${name}. ${hint}`;
}
