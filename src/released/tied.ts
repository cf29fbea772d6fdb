/** Refuses options that tie a daemon to the process that starts it, which it is meant to outlive. */
import { InvalidOptionError } from '../errors.ts';
import type { DaemonGroup } from '../group/member.ts';
import type { DaemonOptions } from '../options/options.ts';

/** @throws {@link InvalidOptionError} that names every one of them. */
export function refuseTied(group: DaemonGroup | Readonly<Record<string, DaemonOptions>>): void {
	const problems = Object.entries(group).flatMap(([name, member]) => findTies(name, member));
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
