/** All phases, in the order in which they run and stand in the result. */
import * as cycles from './cycles.mjs';

/**
 * @typedef {object} Phase
 * @property {string} name for `--only`
 * @property {string} title
 * @property {(bench: import('../bench.mjs').Bench) => Promise<import('../table.mjs').Table[]>} run
 */

/** @type {readonly Phase[]} */
export const phases = [cycles];
