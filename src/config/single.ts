/** A group with a single service, which needs no config file. */
import { checkGroup } from '../group/check.ts';
import type { DaemonGroup } from '../group/member.ts';
import { nameFor } from '../options/name-for.ts';
import type { StartupCommand } from '../options/options.ts';

/**
 * Its only member has the name that is given, or the one that the helpers give a daemon without a name.
 *
 * @throws {@link InvalidOptionError} that names every problem.
 */
export function groupOfOne(
	command: StartupCommand,
	{ name = nameFor(command), ...options }: Readonly<Record<string, unknown>>,
): DaemonGroup {
	const group = { [toMemberName(String(name))]: { startupCommand: command, ...options } };
	checkGroup(group);
	return group;
}

/** Variables are named after a member, and it can be written in a shell. */
function toMemberName(name: string): string {
	const word = name.trim().replace(/[^\w.-]/g, '_');
	return /^(?:[A-Za-z_]|$)/.test(word) ? word : `_${word}`;
}
