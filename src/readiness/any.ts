/** The probe that holds when one of several does. */
import { show } from '../option-rules.ts';
import { Part } from '../time/deadline.ts';
import type { Look } from './check.ts';
import { makeProbe, type Probe } from './probe.ts';
import { isProbeLike, PROBE_EXPECTED, type ProbeLike, toProbe } from './to-probe.ts';

/** Holds when at least one of these holds. */
export function any(probes: readonly ProbeLike[]): Probe {
	const list: readonly unknown[] = Array.isArray(probes) ? probes : [probes];
	const parts = list.filter(isProbeLike).map(toProbe);
	return makeProbe({
		name: 'any',
		given: undefined,
		parts,
		problems:
			parts.length > 0 && parts.length === list.length
				? []
				: [`Expected a list, of which each entry is ${PROBE_EXPECTED}, but got ${show(probes)}.`],
		begin: (_, start) => {
			const checks = parts.map(part => start.begin(part));
			const look: Look = async (signal, daemon) => {
				const answers = await Promise.all(checks.map(check => check.look?.(signal, daemon)));
				return answers.includes(true) || 'none of them holds';
			};
			return {
				name: 'any of these',
				look,
				wait: async (signal, daemon) => {
					const part = new Part(signal);
					try {
						return await Promise.race(checks.map(check => check.wait(part.signal, daemon)));
					} finally {
						part.end();
					}
				},
				over: async () => void (await Promise.all(checks.map(check => check.over?.()))),
				reason: () => checks.map(check => `\n- ${check.name}   ${check.reason()}`).join(''),
			};
		},
	});
}
