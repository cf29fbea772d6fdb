/** All phases, in the order in which they run and stand in the result. */
import * as callers from './callers.mjs';
import * as cli from './cli.mjs';
import * as cycles from './cycles.mjs';
import * as deaths from './deaths.mjs';
import * as eventLoop from './event-loop.mjs';
import * as imports from './imports.mjs';
import * as javascript from './javascript.mjs';
import * as log from './log.mjs';
import * as many from './many.mjs';
import * as teardown from './teardown.mjs';
import * as vitest from './vitest.mjs';
import * as waiting from './waiting.mjs';

/**
 * @typedef {object} Phase
 * @property {string} name for `--only`
 * @property {string} title
 * @property {(bench: import('../bench.mjs').Bench) => Promise<import('../table.mjs').Table[]>} run
 */

/** @type {readonly Phase[]} */
export const phases = [
	cycles,
	callers,
	eventLoop,
	many,
	imports,
	deaths,
	log,
	teardown,
	waiting,
	cli,
	vitest,
	javascript,
];
