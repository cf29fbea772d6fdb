/** A look that remembers why its condition did not hold yet, for the error of a start that ends. */
import type { Look } from './check.ts';

export function rememberReason(look: Look): { readonly look: Look; readonly reason: () => string } {
	let reason = 'no answer yet';
	return {
		look: async (signal, daemon) => {
			const answer = await look(signal, daemon);
			if (answer !== true) reason = answer;
			return answer;
		},
		reason: () => reason,
	};
}
