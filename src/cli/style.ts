/** How times, states and log lines look. */
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

/** Such as `85 ms`, `1.2 s`, `2 min 5 s`. */
export function showTime(ms: number): string {
	if (ms < 1000) return `${Math.round(ms)} ms`;
	if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
	return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`;
}
