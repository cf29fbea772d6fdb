/** Validates options: unknown, missing, wrong or contradictory ones are named before anything starts. */
import { closestMatch } from 'leven';
import { isServer } from '../bootstrap/is-server.mjs';
import { isHook, isJavaScript } from '../javascript/command.ts';
import { findScriptProblems } from '../javascript/validate.ts';
import { isKeep, KEEP_EXPECTED } from '../kept-folder.ts';
import { whyNoExecve } from '../native/execve.mjs';
import {
	boolean,
	callable,
	findBreaches,
	isArgument,
	isDictionary,
	isFunction,
	isRecord,
	isText,
	logger,
	mode,
	ms,
	pattern,
	type Rule,
	show,
	text,
} from '../option-rules.ts';
import { whyNoWorkingFolder } from '../os/working-folder.ts';
import { PidFile } from '../pid-file/pid-file.ts';
import { asSignal } from '../process/signals.ts';
import { descriptionsOf, isReady, PROBE_EXPECTED } from '../readiness/to-probe.ts';
import { isPath } from '../server/module.ts';
import { findRelativeProblems } from './absolute.ts';
import { findForkingProblems } from './forking-problems.ts';
import { findListenProblems, toListenRule } from './listen-problems.ts';
import { findLogProblems } from './log-problems.ts';
import { findNotifiedProblems } from './notified-problems.ts';
import type { CoreOptions, DaemonOptions, MemberOptions } from './options.ts';
import { OTHER_WORDS } from './other-words.ts';
import { findPlaceholderProblems } from './placeholder-problems.ts';
import { findPortProblems } from './port-problems.ts';
import { findVariableProblems } from './variable-problems.ts';

const isSignal = (value: unknown) => asSignal(value) !== undefined;
/** True for `SIGTREM` and `sigterm`, but not for `stop` or `quit`, which may be programs. */
const isAlmostSignal = (value: unknown) => typeof value === 'string' && /^sig[a-z\d]+$/i.test(value);
const COMMON_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGKILL', 'SIGUSR1', 'SIGUSR2', 'SIGABRT'];
const nearestSignal = (value: unknown) =>
	typeof value === 'string' && !isSignal(value)
		? closestMatch(value.toUpperCase(), COMMON_SIGNALS, { maxDistance: 2 })
		: undefined;
/** These signals stop or continue a process, but do not end it. */
const STOPPING = new Set<NodeJS.Signals | undefined>(['SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGCONT']);
const isCommand = (value: unknown) =>
	isText(value) || (Array.isArray(value) && isText(value[0]) && value.every(isArgument));

const startup: Rule = {
	expected:
		'a command (a string or an array of strings and numbers), a function, { function, args }, ' +
		'{ module, export, args } or a Server',
	accepts: value => isCommand(value) || isJavaScript(value),
};
const isPort = (value: unknown) =>
	value === 'auto' || (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535);
const isWantedPort = (value: unknown) =>
	isPort(value) ||
	(isRecord(value) &&
		isPort(value['port']) &&
		[undefined, 'tcp', 'udp'].includes(value['protocol'] as undefined) &&
		Object.keys(value).every(name => name === 'port' || name === 'protocol'));
const isPortName = (name: string) => /^[A-Za-z_]\w*$/.test(name);
const isVariable = (value: unknown) => value === undefined || typeof value === 'string' || Number.isFinite(value);
const isString = (value: unknown) => typeof value === 'string';
export const isExports = (value: unknown): value is Readonly<Record<string, string>> =>
	isDictionary(value) && Object.values(value).every(isString);
const isExitCode = (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 255;
const hook: Rule = { expected: 'a function, { function, args } or { module, export, args }', accepts: isHook };

const rules: Readonly<Record<keyof CoreOptions, Rule>> = {
	name: text,
	pidFile: { expected: 'a path or a PidFile', accepts: value => isText(value) || value instanceof PidFile },
	startupCommand: startup,
	server: startup,
	shutdownCommand: {
		expected: 'a signal that can end a process, a command, a function or a Server',
		accepts: value =>
			isSignal(value)
				? !STOPPING.has(asSignal(value))
				: (isCommand(value) && !isAlmostSignal(value)) || isFunction(value) || isServer(value),
		nearest: nearestSignal,
	},
	afterFork: hook,
	beforeExec: hook,
	forking: boolean,
	timeout: ms,
	startupTimeout: ms,
	shutdownTimeout: ms,
	inactivityTimeout: ms,
	lookFor: pattern,
	ready: { expected: `${PROBE_EXPECTED}, or a list of these`, accepts: isReady },
	logFile: text,
	nochdir: boolean,
	noclose: boolean,
	stdin: { expected: "'null' or 'open'", accepts: value => value === 'null' || value === 'open' },
	cwd: {
		expected: 'a path or a file: URL',
		accepts: value => isText(value) || (value instanceof URL && isPath(value)),
	},
	env: {
		expected: 'an object whose values are strings, numbers or undefined',
		accepts: value => isDictionary(value) && Object.values(value).every(isVariable),
		acceptsProperty: isVariable,
	},
	port: {
		expected: "'auto', a whole number from 0 to 65535, or { port, protocol: 'udp' } with one of these",
		accepts: isWantedPort,
	},
	ports: {
		expected:
			"an object of names (letters, digits, _) with 'auto', whole numbers from 0 to 65535, " +
			"or { port, protocol: 'udp' } with one of these",
		accepts: value =>
			isDictionary(value) && Object.entries(value).every(([name, port]) => isPortName(name) && isWantedPort(port)),
	},
	listen: toListenRule(value => isPort(value) && value !== 0),
	umask: mode,
	killMode: { expected: "'group' or 'process'", accepts: value => value === 'group' || value === 'process' },
	diagnosticSignal: { expected: 'a signal', accepts: isSignal, nearest: nearestSignal },
	successExitCodes: {
		expected: 'an array of whole numbers from 0 to 255',
		accepts: value => Array.isArray(value) && value.length > 0 && value.every(isExitCode),
	},
	strict: boolean,
	logger,
};

type HelperOnly = Exclude<keyof DaemonOptions, keyof CoreOptions>;

const helperRules: Readonly<Record<HelperOnly, Rule>> = {
	signal: { expected: 'an AbortSignal', accepts: isAbortSignal },
	keep: { expected: KEEP_EXPECTED, accepts: isKeep },
};

const memberRules: Readonly<Record<keyof MemberOptions, Rule>> = {
	dependsOn: {
		expected: 'the name of another member of the group, or an array of names',
		accepts: value => isText(value) || (Array.isArray(value) && value.every(isText)),
	},
	task: boolean,
	exports: {
		expected: 'an object of variables, whose values are strings',
		accepts: isExports,
		acceptsProperty: isString,
	},
};

export const MEMBER_ONLY = Object.keys(memberRules) as readonly (keyof MemberOptions)[];

/** The rules for each kind of taker. A member may also be one whose other options a function returns. */
const takers = {
	Daemon: rules,
	helper: { ...rules, ...helperRules },
	member: { ...rules, ...helperRules, ...memberRules },
	'member with a function': { ...memberRules, options: callable },
	group: { startupTimeout: ms, signal: helperRules.signal, onChange: callable },
} as const;

export type Taker = keyof typeof takers;

export const HELPER_ONLY = Object.keys(helperRules) as readonly HelperOnly[];

/**
 * Checked by shape: a signal from a vm context, such as that of vitest's vmThreads, is an instance of another class.
 */
function isAbortSignal(value: unknown): boolean {
	return isRecord(value) && typeof value['aborted'] === 'boolean' && isFunction(value['addEventListener']);
}

/** The options that may be JavaScript. */
const SCRIPTS = ['startupCommand', 'server', 'afterFork', 'beforeExec'] as const;

/** One sentence for each problem. `undefined` counts as absent. */
export function findProblems(options: unknown, taker: Taker): string[] {
	if (!isRecord(options)) return [`The options have to be an object, but got ${show(options)}.`];
	const relative = findRelativeProblems(options);
	if (relative.length > 0) return relative;
	const breaches = findBreaches(options, takers[taker], OTHER_WORDS);
	const problems = breaches.length > 0 ? breaches : findVariablesIn(options);
	if (taker === 'member with a function' || taker === 'group') return problems;
	const required =
		taker === 'Daemon' ? (['name', 'pidFile', 'startupCommand'] as const) : (['startupCommand'] as const);
	const has = (name: keyof CoreOptions) => options[name] !== undefined;
	const missing = required.filter(name => !has(name) && !(name === 'startupCommand' && has('server')));
	return [
		...(missing.length > 0 ? [`These options are required: ${missing.join(', ')}.`] : []),
		...problems,
		...(problems.length > 0 ? [] : SCRIPTS.flatMap(name => findScriptProblems(name, options[name]))),
		...(has('server') && has('startupCommand') ? ['`server` is another name for `startupCommand`: give one.'] : []),
		...(has('cwd') && options['nochdir'] === true ? ['`cwd` and `nochdir` contradict each other: give one.'] : []),
		...(has('stdin') && options['noclose'] === true ? ['`stdin` and `noclose` contradict each other: give one.'] : []),
	];
}

/** All that was given, also by a prototype, as by the getters of a class. It is read once. */
export function readGiven<O>(options: O, taker: Taker): O {
	if (!isRecord(options)) return options;
	const names = new Set([...Object.keys(options), ...Object.keys(takers[taker])]);
	const given = [...names].map(name => [name, options[name]]).filter(([, value]) => value !== undefined);
	return Object.fromEntries(given) as O;
}

const findVariablesIn = ({ env, exports }: Readonly<Record<string, unknown>>) =>
	Object.entries({ env, exports }).flatMap(([name, variables]) => findVariableProblems(name, variables ?? {}));

/**
 * Finds contradictions that need the paths of the files.
 *
 * @param hasOwnLog whether its log will be a file in its temporary folder.
 */
export function findContradictions(options: CoreOptions, placeholders: readonly string[], hasOwnLog = false): string[] {
	return [
		...findFolderProblems(options),
		...(hasOwnLog ? [] : findLogProblems(options)),
		...findForkingProblems(options),
		...findPlaceholderProblems(options, placeholders),
		...findProbeProblems(options),
		...findPortProblems(options),
		...findNotifiedProblems(options, placeholders.includes('dir')),
		...findListenProblems(options),
		...findHookProblems(options),
	];
}

function findFolderProblems({ nochdir }: CoreOptions): string[] {
	const why = nochdir ? whyNoWorkingFolder() : undefined;
	if (why === undefined) return [];
	return [`The daemon would work in the caller's working directory, which ${why}: give it a \`cwd\`.`];
}

function findProbeProblems({ ready }: CoreOptions): string[] {
	return descriptionsOf(ready).flatMap(({ name, problems = [] }) =>
		problems.map(problem => `\`ready\`, ${name}(): ${problem}`),
	);
}

/** With hooks the process is Node first, which then has to become the command. */
function findHookProblems({ startupCommand, server, afterFork, beforeExec }: CoreOptions): string[] {
	const hooks = Object.entries({ afterFork, beforeExec }).filter(([, given]) => given !== undefined);
	if (hooks.length === 0 || isJavaScript(startupCommand ?? server)) return [];
	const reason = whyNoExecve();
	if (reason === undefined) return [];
	return hooks.map(([name]) => `\`${name}\` cannot be called before a command is executed: ${reason}.`);
}
