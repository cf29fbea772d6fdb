/** Interleaved rounds: each round measures every cell once, in a new random order, one at a time. */
import { shuffle } from './statistics.mjs';

/**
 * @typedef {Record<string, number>} Sample
 *
 * @typedef {object} Cell
 * @property {string} row
 * @property {string} [column]
 * @property {() => Promise<Sample>} measure
 *
 * @typedef {object} Measured
 * @property {string} row
 * @property {string} column
 * @property {Sample[]} samples
 * @property {number} leftOut the number of cycles that were left out, as the machine was not quiet
 * @property {boolean} isNoisy whether none was left out although it should have been
 * @property {string} [failure] why there is nothing, or less than there should be
 */

const MOST_FAILURES = 3;

/**
 * @param {{ quiet: { look: () => Promise<boolean> } }} bench
 * @param {readonly Cell[]} cells
 * @param {number} rounds
 * @param {{ warmUps?: number }} [options] the first rounds, which do not count
 * @returns {Promise<Measured[]>}
 */
export async function inRounds(bench, cells, rounds, { warmUps = 0 } = {}) {
	const states = cells.map(cell => ({ cell, quiet: newSamples(), noisy: newSamples(), failures: newFailures() }));
	let wasQuiet = await bench.quiet.look();
	for (let round = -warmUps; round < rounds; round += 1)
		for (const { cell, quiet, noisy, failures } of shuffle(states)) {
			if (failures.length >= MOST_FAILURES) continue;
			const sample = await cell.measure().catch(error => void failures.push(messageOf(error)));
			const isQuiet = await bench.quiet.look();
			if (sample && round >= 0) (wasQuiet && isQuiet ? quiet : noisy).push(sample);
			wasQuiet = isQuiet;
		}
	return states.map(({ cell, quiet, noisy, failures }) => {
		const isNoisy = noisy.length > 0 && quiet.length < (quiet.length + noisy.length) / 3;
		return {
			row: cell.row,
			column: cell.column ?? '',
			samples: isNoisy ? [...quiet, ...noisy] : quiet,
			leftOut: isNoisy ? 0 : noisy.length,
			isNoisy,
			...(failures.length > 0 && { failure: `failed ${failures.length} times: ${failures[0]?.split('\n')[0]}` }),
		};
	});
}

/** @param {unknown} error */
const messageOf = error => (error instanceof Error ? error.message : String(error));

/** @returns {Sample[]} */
const newSamples = () => [];
/** @returns {string[]} */
const newFailures = () => [];
