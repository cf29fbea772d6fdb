/** Options as a contract: each has a rule, and what breaks one is named with its value and what was expected. */
import { inspect } from 'node:util';
import { closestMatch } from 'leven';
import { LONGEST_MS } from './time/clock.ts';

export interface Rule {
	readonly expected: string;
	readonly accepts: (value: unknown) => boolean;
}

export const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
export const isFunction = (value: unknown): value is (...args: never[]) => unknown => typeof value === 'function';
export const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null;
const isMs = (value: unknown) => typeof value === 'number' && value > 0 && value <= LONGEST_MS;

export const boolean: Rule = { expected: 'a boolean', accepts: value => typeof value === 'boolean' };
export const text: Rule = { expected: 'a string that is not empty', accepts: isText };
export const ms: Rule = { expected: `a number of milliseconds from 1 to ${LONGEST_MS}`, accepts: isMs };
export const callable: Rule = { expected: 'a function', accepts: isFunction };
export const logger: Rule = {
	expected: 'an object with the methods debug, info, warn and error',
	accepts: value => isRecord(value) && ['debug', 'info', 'warn', 'error'].every(name => isFunction(value[name])),
};

/** One sentence for each fault. `undefined` counts as absent. */
export function findBreaches(options: object, rules: Readonly<Record<string, Rule>>): string[] {
	const given = Object.entries(options).filter(([, value]) => value !== undefined);
	return given.map(([name, value]) => breachOf(name, value, rules)).filter(breach => breach !== undefined);
}

function breachOf(name: string, value: unknown, rules: Readonly<Record<string, Rule>>): string | undefined {
	const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
	if (rule === undefined) {
		const nearest = closestMatch(name, Object.keys(rules), { maxDistance: 4 });
		const hint = nearest === undefined ? '' : ` Did you mean \`${nearest}\`?`;
		return `Unknown option \`${name}\`, with the value ${show(value)}.${hint}`;
	}
	return rule.accepts(value) ? undefined : `Expected \`${name}\` to be ${rule.expected}, but got ${show(value)}.`;
}

/** A value and its type, as in `"5s" (string)`. */
export function show(value: unknown): string {
	if (value === null || value === undefined) return String(value);
	if (typeof value === 'function') return 'a function';
	if (value instanceof URL) return `${value} (URL)`;
	if (typeof value === 'object') {
		const shown = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
		return `${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown} (${Array.isArray(value) ? 'array' : 'object'})`;
	}
	return `${typeof value === 'string' ? JSON.stringify(value) : String(value)} (${typeof value})`;
}
