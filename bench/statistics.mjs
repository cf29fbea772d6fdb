/** The few statistics that tables and plots need, and how a number is shown. */

/** @param {readonly number[]} values */
export function medianOf(values) {
	const sorted = values.toSorted((a, b) => a - b);
	const middle = Math.floor(sorted.length / 2);
	const upper = sorted[middle] ?? Number.NaN;
	return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * @template T
 * @param {readonly T[]} all
 */
export function shuffle(all) {
	const shuffled = [...all];
	for (let index = shuffled.length - 1; index > 0; index -= 1) {
		const other = Math.floor(Math.random() * (index + 1));
		[shuffled[index], shuffled[other]] = [/** @type {T} */ (shuffled[other]), /** @type {T} */ (shuffled[index])];
	}
	return shuffled;
}

/** Three digits are all that a measurement is worth. */
export function format(/** @type {number} */ value) {
	const size = Math.abs(value);
	return value.toFixed(size < 1 ? 2 : size < 100 ? 1 : 0);
}
