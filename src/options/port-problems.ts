/** Finds problems of ports that the daemon chooses itself: something has to capture them from its log. */

import { types } from 'node:util';
import { textsIn } from '../javascript/fill-arguments.ts';
import { placeholdersIn } from '../launch/placeholders.ts';
import { groupOf } from '../ports/ports.ts';
import { listPorts, numberOf } from '../ports/wanted.ts';
import { descriptionsOf } from '../readiness/to-probe.ts';
import type { CoreOptions } from './options.ts';

export function findPortProblems(options: CoreOptions): string[] {
	const { lookFor, ready } = options;
	const probes = descriptionsOf(ready);
	const patterns = [lookFor, ...probes.filter(({ name }) => name === 'logged').map(patternOf)];
	const used = new Set(probes.flatMap(({ given }) => textsIn(given)).flatMap(placeholdersIn));
	return listPorts(options)
		.filter(([, wanted]) => numberOf(wanted) === 0)
		.flatMap(([name]) => {
			const group = `(?<${groupOf(name)}>`;
			const isCaptured = patterns.some(pattern => types.isRegExp(pattern) && pattern.source.includes(group));
			return [
				...(isCaptured
					? []
					: [`\`${name}\` is 0, so the daemon chooses it: let \`lookFor\` capture it, by a group ${group}\\d+).`]),
				...(used.has(name)
					? [`\`ready\` uses {${name}}, but that is 0, so it is only known when the daemon is ready.`]
					: []),
			];
		});
}

const patternOf = ({ given }: { readonly given: unknown }) => (given as { readonly pattern?: unknown }).pattern;
