/** The options as a contract: what is unknown, missing, mistyped or contradictory is named before anything starts. */
import { inspect, types } from 'node:util';
import { closestMatch } from 'leven';
import { PLACEHOLDER } from '../launch/placeholders.ts';
import { PidFile } from '../pid-file.ts';
import { LONGEST_MS } from '../time/deadline.ts';
import { asSignal, type CoreOptions } from './options.ts';

interface Rule {
	readonly expected: string;
	readonly accepts: (value: unknown) => boolean;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
const isFunction = (value: unknown) => typeof value === 'function';
const isSignal = (value: unknown) => asSignal(value) !== undefined;
/** These stop or continue a process: none ends it. */
const STOPPING = new Set<NodeJS.Signals | undefined>(['SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGCONT']);
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isCommand = (value: unknown) =>
	isText(value) ||
	(Array.isArray(value) && isText(value[0]) && value.every(part => typeof part === 'string' && !part.includes('\0')));

const isMs = (value: unknown) => typeof value === 'number' && value > 0 && value <= LONGEST_MS;

const boolean: Rule = { expected: 'a boolean', accepts: value => typeof value === 'boolean' };
const text: Rule = { expected: 'a string that is not empty', accepts: isText };
const ms: Rule = { expected: `a number of milliseconds from 1 to ${LONGEST_MS}`, accepts: isMs };
const command: Rule = { expected: 'a command: a string, or an array of strings', accepts: isCommand };

const rules: Readonly<Record<keyof CoreOptions, Rule>> = {
	name: text,
	pidFile: { expected: 'a path or a PidFile', accepts: value => isText(value) || value instanceof PidFile },
	startupCommand: command,
	server: command,
	shutdownCommand: {
		expected: 'a signal that can end a process, a command or a function',
		accepts: value => (isSignal(value) ? !STOPPING.has(asSignal(value)) : isCommand(value) || isFunction(value)),
	},
	timeout: ms,
	startupTimeout: ms,
	shutdownTimeout: ms,
	inactivityTimeout: ms,
	lookFor: {
		expected: 'a string that is not empty, or a RegExp',
		accepts: value => (typeof value === 'string' && value !== '') || types.isRegExp(value),
	},
	logFile: text,
	nochdir: boolean,
	noclose: boolean,
	cwd: text,
	env: {
		expected: 'an object whose values are strings or undefined',
		accepts: value =>
			isRecord(value) && Object.values(value).every(entry => entry === undefined || typeof entry === 'string'),
	},
	umask: {
		expected: 'a whole number from 0 to 0o777',
		accepts: value => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0o777,
	},
	killMode: { expected: "'group' or 'process'", accepts: value => value === 'group' || value === 'process' },
	diagnosticSignal: { expected: 'a signal', accepts: isSignal },
	strict: boolean,
	logger: {
		expected: 'an object with the methods debug, info, warn and error',
		accepts: value => isRecord(value) && ['debug', 'info', 'warn', 'error'].every(name => isFunction(value[name])),
	},
};

/** One sentence for each fault. `undefined` counts as absent. */
export function findProblems(options: unknown, required: readonly (keyof CoreOptions)[]): string[] {
	if (!isRecord(options)) return [`The options have to be an object, but got ${show(options)}.`];
	const given = Object.entries(options).filter(([, value]) => value !== undefined);
	const problems = given.map(([name, value]) => problemWith(name, value)).filter(problem => problem !== undefined);
	const has = (name: keyof CoreOptions) => options[name] !== undefined;
	const missing = required.filter(name => !has(name) && !(name === 'startupCommand' && has('server')));
	return [
		...(missing.length > 0 ? [`These options are required: ${missing.join(', ')}.`] : []),
		...problems,
		...(has('server') && has('startupCommand') ? ['`server` is another name for `startupCommand`: give one.'] : []),
		...(has('cwd') && options['nochdir'] === true ? ['`cwd` and `nochdir` contradict each other: give one.'] : []),
	];
}

/** What only shows once it is known which files there are. */
export function findContradictions(options: CoreOptions, placeholders: readonly string[]): string[] {
	const { logFile, lookFor, inactivityTimeout, noclose } = options;
	const because = noclose ? 'with `noclose` the output goes to the caller, so' : 'without a `logFile`';
	const needsLog = (name: string) => `\`${name}\` reads the log, but ${because} there is none.`;
	return [
		...(lookFor !== undefined && logFile === undefined ? [needsLog('lookFor')] : []),
		...(inactivityTimeout !== undefined && logFile === undefined ? [needsLog('inactivityTimeout')] : []),
		...findEmptyPlaceholders(options, placeholders),
	];
}

function findEmptyPlaceholders(options: CoreOptions, known: readonly string[]): string[] {
	const { startupCommand, server, shutdownCommand, env = {}, cwd } = options;
	const places = { startupCommand, server, shutdownCommand, env: Object.values(env), cwd };
	return Object.entries(places).flatMap(([name, value]) => {
		const texts = [value].flat().filter(part => typeof part === 'string');
		const used = texts.flatMap(part => [...part.matchAll(PLACEHOLDER)].map(([, placeholder = '']) => placeholder));
		return used
			.filter(placeholder => !known.includes(placeholder))
			.map(placeholder => `\`${name}\` uses {${placeholder}}, but there is no such thing here.`);
	});
}

function problemWith(name: string, value: unknown): string | undefined {
	const rule = Object.hasOwn(rules, name) ? rules[name as keyof CoreOptions] : undefined;
	if (rule === undefined) {
		const nearest = closestMatch(name, Object.keys(rules), { maxDistance: 4 });
		const hint = nearest === undefined ? '' : ` Did you mean \`${nearest}\`?`;
		return `Unknown option \`${name}\`, with the value ${show(value)}.${hint}`;
	}
	return rule.accepts(value) ? undefined : `Expected \`${name}\` to be ${rule.expected}, but got ${show(value)}.`;
}

/** A value and its type, as in `"5s" (string)`. */
function show(value: unknown): string {
	if (value === null || value === undefined) return String(value);
	if (typeof value === 'function') return 'a function';
	if (typeof value === 'object') {
		const shown = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
		return `${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown} (${Array.isArray(value) ? 'array' : 'object'})`;
	}
	return `${typeof value === 'string' ? JSON.stringify(value) : String(value)} (${typeof value})`;
}
