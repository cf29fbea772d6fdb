/** The probe of a condition that has to stay true for some time. */
import { findBreaches, ms } from '../option-rules.ts';
import { now } from '../time/clock.ts';
import { polled } from './polled.ts';
import { makeProbe, type Probe } from './probe.ts';
import { findPartProblems, type ProbeLike, toParts } from './to-probe.ts';

export interface HoldsOptions {
	/** Ms for which the condition has to hold. */
	readonly forMs: number;
}

/**
 * Holds when the condition was true on each look for so long, for daemons that restart while they start. There is a
 * look every 50 ms at least. `logged()` and `alive()` cannot be looked at again.
 */
export function holds(probe: ProbeLike, options: HoldsOptions): Probe {
	const parts = toParts(probe);
	const problems = findBreaches({ ...options, forMs: options?.forMs ?? null }, { forMs: ms });
	return makeProbe({
		name: 'holds',
		given: options,
		parts,
		problems: [...problems, ...findPartProblems(probe)],
		begin: ({ forMs }, start) => {
			const [check] = parts.map(part => start.begin(part));
			let since: number | undefined;
			const held = polled(`for ${forMs} ms ${check?.name}`, async (signal, daemon) => {
				// The condition is only known to hold from the end of the first look to the beginning of the last one.
				const begun = now();
				const answer = await check?.look?.(signal, daemon);
				if (answer !== true) {
					since = undefined;
					return answer ?? 'no answer yet';
				}
				since ??= now();
				return begun - since >= forMs || 'it has not held for so long yet';
			});
			return { ...held, over: async () => await check?.over?.() };
		},
	});
}
