/** Which member of a group depends on which others. */
import { nearestName } from '../nearest-name.ts';
import { show } from '../option-rules.ts';
import type { DaemonGroup } from './member.ts';

export type Graph = ReadonlyMap<string, readonly string[]>;

/** The graph of a group as users describe it. */
export function graphOf(group: DaemonGroup): Graph {
	return new Map(Object.entries(group).map(([name, { dependsOn = [] }]) => [name, [dependsOn].flat()]));
}

/** One sentence for each name that no member has, and for each circle. */
export function findGraphProblems(graph: Graph): string[] {
	return [...findUnknownNames(graph), ...findCircles(graph).map(describeCircle)];
}

function findUnknownNames(graph: Graph): string[] {
	const names = [...graph.keys()];
	return [...graph].flatMap(([member, dependencies]) =>
		dependencies
			.filter(name => !graph.has(name))
			.map(name => {
				const nearest = nearestName(name, names);
				const hint = nearest === undefined || nearest === member ? '' : ` Did you mean \`${nearest}\`?`;
				const expected = 'Expected `dependsOn` to name other members of the group';
				return `${member}: ${expected}, but got ${show(name)}.${hint}`;
			}),
	);
}

/** Each circle once, from the first of its members back to it. */
function findCircles(graph: Graph): string[][] {
	const names = [...graph.keys()];
	const seen = new Set<string>();
	return names.flatMap(name => {
		const circle = seen.has(name) ? undefined : shortestWay(graph, name, name);
		for (const member of circle ?? []) seen.add(member);
		return circle ? [circle] : [];
	});
}

const describeCircle = (circle: readonly string[]) =>
	`${circle[0]}: Expected \`dependsOn\` to lead to no circle, but got ${circle.join(' → ')}.`;

/** The names on the way, both ends included. */
function shortestWay(graph: Graph, from: string, to: string): string[] | undefined {
	const ways = [[from]];
	const seen = new Set<string>();
	for (const way of ways) {
		for (const next of graph.get(way.at(-1) ?? '') ?? []) {
			if (next === to) return [...way, next];
			if (!seen.has(next)) ways.push([...way, next]);
			seen.add(next);
		}
	}
	return undefined;
}

/** Everything that a member depends on, directly or not, the nearest first. The graph may have circles. */
export function allDependencies(graph: Graph, name: string): ReadonlySet<string> {
	const all = new Set(graph.get(name));
	for (const dependency of all) for (const next of graph.get(dependency) ?? []) all.add(next);
	return all;
}

/** The members that depend on each one directly. */
export function reversed(graph: Graph): Graph {
	const names = [...graph.keys()];
	return new Map(names.map(name => [name, names.filter(other => graph.get(other)?.includes(name))]));
}
