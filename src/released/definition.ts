/**
 * What a released daemon is made of, in readable words: a start with the same definition needs no second daemon, and
 * one with another definition says what differs.
 */
import { types } from 'node:util';
import { isServer } from '../bootstrap/is-server.mjs';
import type { DaemonOptions } from '../options/options.ts';
import { PidFile } from '../pid-file/pid-file.ts';
import { printable, shorten } from '../printable.ts';
import { Probe } from '../readiness/probe.ts';

export type Definition = Readonly<Record<string, string>>;

/** These say how long a start waits, what logs it, and what it leaves if it fails, but nothing about the daemon. */
const OF_THE_START = ['name', 'signal', 'keep', 'logger', 'timeout', 'startupTimeout', 'inactivityTimeout'];

/**
 * The options by their names, and each variable of `env` by its own.
 *
 * @param options with absolute paths.
 * @param imports the variables that other members export to it.
 */
export function define(options: DaemonOptions, imports: Readonly<Record<string, string>>): Definition {
	const { env = {}, ...others } = options;
	const variables = Object.entries({ ...imports, ...env }).map(([name, value]) => [`env.${name}`, value] as const);
	const given = Object.entries(others).filter(([name]) => !OF_THE_START.includes(name));
	const all = [...given, ...variables].filter(([, value]) => value !== undefined);
	return Object.fromEntries(all.toSorted(byName).map(([name, value]) => [name, describe(value)] as const));
}

/** One line for each option that differs. */
export function findDifferences(before: Definition, after: Definition): string[] {
	const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
	return names
		.filter(name => before[name] !== after[name])
		.map(name => {
			const isSecret = SECRET.test(name) && before[name] !== undefined && after[name] !== undefined;
			if (isSecret) return `${name}   would have another value`;
			return `${name}   is ${show(name, before[name])}, would be ${show(name, after[name])}`;
		});
}

/** A name that suggests a value which nobody should read in the log of a CI job. */
const SECRET = /pass|secret|token|key|credential|auth|dsn|cookie/i;

function show(name: string, value: string | undefined): string {
	if (value === undefined) return 'not given';
	return SECRET.test(name) ? '(hidden)' : printable(shorten(value, 100));
}

/** The same for equal values only. A function is its source, so a variable around it that has changed is not seen. */
function describe(value: unknown, outer: readonly unknown[] = []): string {
	if (typeof value === 'function') return Function.prototype.toString.call(value);
	if (types.isRegExp(value) || value instanceof URL) return String(value);
	if (value instanceof PidFile) return value.filename;
	if (isServer(value)) return `Server ${value.name}`;
	if (value instanceof Probe) {
		const { name, given } = Probe.describe(value);
		return `${name}(${describe(given, outer)})`;
	}
	if (typeof value !== 'object' || value === null)
		return typeof value === 'string' ? JSON.stringify(value) : String(value);
	if (outer.includes(value)) return '(circular)';
	const inside = [...outer, value];
	if (Array.isArray(value)) return `[${value.map(one => describe(one, inside)).join(', ')}]`;
	const fields = Object.entries(value).filter(([, one]) => one !== undefined);
	return `{ ${fields
		.sort(byName)
		.map(([name, one]) => `${name}: ${describe(one, inside)}`)
		.join(', ')} }`;
}

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]) => (one < other ? -1 : 1);

/** Options as they can be written down; undefined if there is a function among them, which would lose its meaning. */
export function toValues(options: DaemonOptions): Readonly<Record<string, unknown>> | undefined {
	const given = Object.entries(options).filter(([name]) => name !== 'signal' && name !== 'logger');
	const values = toValue(Object.fromEntries(given));
	return values === LOST ? undefined : (values as Readonly<Record<string, unknown>>);
}

const LOST = Symbol('a value that cannot be written down');

function toValue(value: unknown): unknown {
	if (types.isRegExp(value)) return { pattern: value.source, flags: value.flags };
	if (value instanceof URL) return String(value);
	if (value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value)) return value;
	if (Array.isArray(value)) return keepAll(value.map(toValue));
	if (Object.getPrototypeOf(value) !== Object.prototype) return LOST;
	const fields = Object.entries(value as object).map(([name, one]): [string, unknown] => [name, toValue(one)]);
	return fields.some(([, one]) => one === LOST) ? LOST : Object.fromEntries(fields);
}

const keepAll = (values: readonly unknown[]) => (values.includes(LOST) ? LOST : values);

/** The options that were written down. They are checked like any others before they are used. */
export function fromValues(values: Readonly<Record<string, unknown>>): DaemonOptions {
	return Object.fromEntries(
		Object.entries(values).map(([name, value]) => [name, name === 'lookFor' ? fromValue(value) : value]),
	) as unknown as DaemonOptions;
}

function fromValue(value: unknown): unknown {
	if (typeof value !== 'object' || value === null || !('pattern' in value)) return value;
	return new RegExp(String(value.pattern), 'flags' in value ? String(value.flags) : '');
}
