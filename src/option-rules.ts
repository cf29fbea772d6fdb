/** Checks options by rules: a value that breaks a rule is named, with what was expected. */
import { inspect, types } from 'node:util';
import { nearestName } from './nearest-name.ts';
import { printable, shorten } from './printable.ts';
import { LONGEST_MS } from './time/clock.ts';

export interface Rule {
	readonly expected: string;
	readonly accepts: (value: unknown) => boolean;
	/** The value that was probably meant. */
	readonly nearest?: (value: unknown) => string | undefined;
	/** Whether it accepts a property of an object that may have many: then an error names those that it does not. */
	readonly acceptsProperty?: (value: unknown) => boolean;
}

export const isText = (value: unknown): value is string =>
	typeof value === 'string' && value.trim() !== '' && !value.includes('\0');
/** A part of a command after its program: execve(2) would see the end of one with a null byte elsewhere. */
export const isArgument = (value: unknown): boolean =>
	Number.isFinite(value) || (typeof value === 'string' && !value.includes('\0'));
export const isFunction = (value: unknown): value is (...args: never[]) => unknown => typeof value === 'function';
export const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null;
/** An object of values by their names, which an array is not. */
export const isDictionary = (value: unknown): value is Record<string, unknown> =>
	isRecord(value) && !Array.isArray(value);
const isMs = (value: unknown) => typeof value === 'number' && value > 0 && value <= LONGEST_MS;

export const boolean: Rule = { expected: 'a boolean', accepts: value => typeof value === 'boolean' };
export const text: Rule = { expected: 'a string that is not empty and has no null byte', accepts: isText };
export const ms: Rule = { expected: `a number of milliseconds from 1 to ${LONGEST_MS}`, accepts: isMs };
export const pattern: Rule = {
	expected: 'a string that is not empty and has no line break, as each line is searched by itself, or a RegExp',
	accepts: value => (typeof value === 'string' && /^[^\r\n]+$/.test(value)) || types.isRegExp(value),
};
export const mode: Rule = {
	expected: 'a whole number from 0 to 0o777',
	accepts: value => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0o777,
};
export const callable: Rule = { expected: 'a function', accepts: isFunction };
export const logger: Rule = {
	expected: 'an object with the methods debug, info, warn and error',
	accepts: value => isRecord(value) && ['debug', 'info', 'warn', 'error'].every(name => isFunction(value[name])),
};

/**
 * One sentence for each problem. `undefined` counts as absent.
 *
 * @param words hints for options of other tools, by their names.
 */
export function findBreaches(
	options: object,
	rules: Readonly<Record<string, Rule>>,
	words: Readonly<Record<string, string>> = {},
): string[] {
	const given = Object.entries(options).filter(([, value]) => value !== undefined);
	return given.map(([name, value]) => breachOf(name, value, rules, words)).filter(breach => breach !== undefined);
}

/** Like {@link findBreaches}, for a function whose last argument, an object with options, may be anything. */
export function findGivenProblems(
	args: object,
	options: unknown,
	rules: Readonly<Record<string, Rule>>,
	words: Readonly<Record<string, string>> = {},
): string[] {
	if (isRecord(options)) return findBreaches({ ...options, ...args }, rules, words);
	return [`Expected the options to be an object, but got ${show(options)}.`];
}

function breachOf(
	name: string,
	value: unknown,
	rules: Readonly<Record<string, Rule>>,
	words: Readonly<Record<string, string>>,
): string | undefined {
	const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
	if (rule === undefined) {
		const nearest = nearestName(name, Object.keys(rules));
		const hint = Object.hasOwn(words, name) ? ` ${words[name]}` : didYouMean(nearest);
		return `Unknown option \`${printable(name)}\`, with the value ${show(value)}.${hint}`;
	}
	if (rule.accepts(value)) return undefined;
	const got = wrongProperties(value, rule) || `got ${show(value)}`;
	return `Expected \`${name}\` to be ${rule.expected}, but ${got}.${didYouMean(rule.nearest?.(value))}`;
}

function wrongProperties(value: unknown, { acceptsProperty }: Rule): string {
	if (acceptsProperty === undefined || !isDictionary(value)) return '';
	const wrong = Object.entries(value).filter(([, property]) => !acceptsProperty(property));
	return wrong.map(([name, property]) => `${printable(name)} is ${show(property)}`).join(', ');
}

const didYouMean = (nearest: string | undefined) => (nearest === undefined ? '' : ` Did you mean \`${nearest}\`?`);

/** This much of a value is shown. */
const LONGEST_VALUE = 80;

/**
 * Shows a value and its type, as in `"5s" (string)`, shortened and safe for a terminal. For an object only the names of
 * its properties, as an environment may hold secrets.
 */
export function show(value: unknown): string {
	if (value === null || value === undefined) return String(value);
	if (typeof value === 'function') return 'a function';
	if (value instanceof URL) return `${bounded(String(value))} (URL)`;
	if (Array.isArray(value))
		return `${bounded(inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY }))} (array)`;
	if (typeof value === 'object')
		return `${bounded(`{ ${Object.keys(value).join(', ')} }`.replace('{  }', '{}'))} (object)`;
	return `${bounded(typeof value === 'string' ? JSON.stringify(value) : String(value))} (${typeof value})`;
}

const bounded = (text: string) => printable(shorten(text, LONGEST_VALUE));
