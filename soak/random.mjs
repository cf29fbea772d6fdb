/** Random draws that can be repeated: the same seed makes the same plan, whatever the kernel makes of it. */

/** @typedef {ReturnType<typeof makeRandom>} Random */

/** @param {number} seed */
export function makeRandom(seed) {
	let state = seed;
	/** Mulberry32: 32 bits of state, a number from 0 to below 1. */
	const next = () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
	/** @param {number} limit */
	const below = limit => next() * limit;
	return {
		below,
		/** @param {number} limit an integer from 1 to this one */
		upTo: limit => 1 + Math.floor(below(limit)),
		/**
		 * Picks one of the names, as often as its weight says.
		 * @param {Readonly<Record<string, { readonly weight: number }>>} choices
		 */
		pick: choices => {
			const entries = Object.entries(choices);
			let rest = below(entries.reduce((sum, [, { weight }]) => sum + weight, 0));
			const found = entries.find(([, { weight }]) => {
				rest -= weight;
				return rest < 0;
			});
			return found?.[0] ?? '';
		},
	};
}
