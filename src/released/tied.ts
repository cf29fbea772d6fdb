/** Refuses what ties a daemon to the process that starts it, which it is meant to outlive. */
import { InvalidOptionError } from '../errors.ts';
import { foldersIn } from '../group/exports.ts';
import { allDependencies, graphOf } from '../group/graph.ts';
import type { DaemonGroup } from '../group/member.ts';
import type { DaemonOptions } from '../options/options.ts';

/** @throws {@link InvalidOptionError} that names every one of them. */
export function refuseTied(group: DaemonGroup | Readonly<Record<string, DaemonOptions>>): void {
	const ofOptions = Object.entries(group).flatMap(([name, member]) => findTies(name, member));
	const problems = [...ofOptions, ...findLostFolders(group)];
	if (problems.length > 0) throw new InvalidOptionError('daemons', problems);
}

function findTies(name: string, member: object): string[] {
	const { stdin, noclose } = member as Partial<DaemonOptions>;
	const why = 'which a released daemon outlives';
	return [
		...(stdin === 'open' ? [`${name}: \`stdin: 'open'\` ends with the process that has started it, ${why}.`] : []),
		...(noclose
			? [`${name}: \`noclose\` keeps the terminal or the pipe of the process that has started it, ${why}.`]
			: []),
	];
}

/** A daemon that gets the folder of a task would lose it, and would get another one from the next start. */
function findLostFolders(group: DaemonGroup): string[] {
	const graph = graphOf(group);
	const daemons = [...graph.keys()].filter(name => !group[name]?.task);
	const serves = (name: string) => daemons.some(daemon => daemon === name || allDependencies(graph, daemon).has(name));
	return [...graph.keys()].filter(serves).flatMap(name =>
		Object.entries(group[name]?.exports ?? {}).flatMap(([variable, value]) =>
			foldersIn(name, value)
				.filter(owner => group[owner]?.task)
				.map(
					task =>
						`${name}: \`exports\` has ${variable}, with the {dir} of the task ${task}, which is removed when all ` +
						'have started. What a released daemon needs has to be in its own {dir}, or in a folder of yours.',
				),
		),
	);
}
