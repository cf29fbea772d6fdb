/** How states and log lines look. */
import { isColorSupported } from 'std-env';
import * as colors from 'yoctocolors';
import type { Row } from './ledger.ts';

/** yoctocolors obeys NO_COLOR and TERM itself, but it does not know whether stderr is a terminal. */
const isColoured = process.stderr.isTTY === true || isColorSupported;
const paint = (format: (text: string) => string) => (text: string) => (isColoured ? format(text) : text);

export const dim = paint(colors.dim);
export const bold = paint(colors.bold);

const STATES: Readonly<Record<Row['state'], (text: string) => string>> = {
	waiting: dim,
	idle: dim,
	starting: paint(colors.yellow),
	ready: paint(colors.green),
	done: paint(colors.green),
	stopping: paint(colors.yellow),
	stopped: dim,
	failed: paint(colors.red),
};

export const paintState = (state: Row['state'], text: string): string => STATES[state](text);
