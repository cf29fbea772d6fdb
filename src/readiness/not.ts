/** The probe that holds when another one does not. */
import { polled } from './polled.ts';
import { makeProbe, type Probe } from './probe.ts';
import { findPartProblems, type ProbeLike, toParts } from './to-probe.ts';

/**
 * Holds when the condition does not, as in `not(listening(8080))`. A function that throws counts as one that returns
 * false. A line that was logged stays logged, so `logged()`, like `alive()`, cannot be reversed.
 */
export function not(probe: ProbeLike): Probe {
	const parts = toParts(probe);
	return makeProbe({
		name: 'not',
		given: undefined,
		parts,
		problems: findPartProblems(probe),
		begin: (_, start) => {
			const [check] = parts.map(part => start.begin(part));
			const reversed = polled(`not ${check?.name}`, async (signal, daemon) => {
				const answer = await check?.look?.(signal, daemon);
				return answer === true ? 'it still does' : true;
			});
			return { ...reversed, over: async () => await check?.over?.() };
		},
	});
}
