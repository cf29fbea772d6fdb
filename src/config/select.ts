/** Selects members of a group, with everything that they depend on. */
import { InvalidOptionError } from '../errors.ts';
import { allDependencies, graphOf } from '../group/graph.ts';
import type { DaemonGroup } from '../group/member.ts';
import { sayUnknownMember } from '../group/unknown-member.ts';

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
			unknown.map(name => sayUnknownMember(name, Object.keys(group), 'the group')),
		);
	const graph = graphOf(group);
	const wanted = new Set(names.flatMap(name => [name, ...allDependencies(graph, name)]));
	return Object.fromEntries(Object.entries(group).filter(([name]) => wanted.has(name)));
}
