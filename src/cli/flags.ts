/** The flags that describe a single service: one for each option of `withDaemon` that is a word or a number. */
import { type Command, InvalidArgumentError } from 'commander';
import type { DaemonOptions } from '../index.ts';

interface Flag {
	readonly flag: string;
	readonly means: string;
	readonly parse?: (word: string, before: unknown) => unknown;
}

/** A word that is no number is left to the check of the option, whose error says what was expected. */
const number = (word: string) => (/^\d+$/.test(word) ? Number(word) : word);
const octal = (word: string) => (/^(?:0o)?[0-7]+$/.test(word) ? Number.parseInt(word.replace('0o', ''), 8) : word);
const numbers = (word: string) => word.split(',').map(number);

/** `/text/flags` is a regular expression. */
function pattern(word: string): string | RegExp {
	const [, source, flags] = /^\/(.+)\/([a-z]*)$/s.exec(word) ?? [];
	if (source === undefined) return word;
	try {
		return new RegExp(source, flags);
	} catch (error) {
		throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
	}
}

function variable(word: string, before: unknown): Readonly<Record<string, unknown>> {
	const at = word.indexOf('=');
	if (at < 1) throw new InvalidArgumentError('Expected NAME=VALUE.');
	return { ...(before as object | undefined), [word.slice(0, at)]: word.slice(at + 1) };
}

function single(word: string, before: unknown): string {
	if (before === undefined) return word;
	throw new InvalidArgumentError('It was given already: several services go into a config file.');
}

const namedPort = (word: string, before: unknown) =>
	Object.fromEntries(Object.entries(variable(word, before)).map(([name, port]) => [name, number(String(port))]));

/** An option without a flag needs JavaScript, or is of no use here. A new option has to be added, as the type says. */
export const FLAGS: Readonly<Record<keyof DaemonOptions | 'exports', Flag | undefined>> = {
	startupCommand: {
		flag: '--service <command>',
		means: 'the command of a single service, instead of a config file',
		parse: single,
	},
	name: { flag: '--name <name>', means: 'its name; default: that of its command' },
	port: {
		flag: '--port <port>',
		means: "the port that it listens on, or 'auto': {port} in its command",
		parse: number,
	},
	ports: {
		flag: '--ports <name=port>',
		means: 'a port with a name: {ports.NAME} in its command; may be repeated',
		parse: namedPort,
	},
	listen: { flag: '--listen <port>', means: "a socket that it inherits: a port, 'auto' or a path", parse: number },
	ready: { flag: '--ready-url <url>', means: 'it is ready when this URL answers' },
	lookFor: { flag: '--look-for <text>', means: 'it is ready when its log has this text, or /RegExp/', parse: pattern },
	env: { flag: '--env <name=value>', means: 'a variable for the service; may be repeated', parse: variable },
	exports: {
		flag: '--export <name=value>',
		means: 'a variable for CMD, such as URL=http://127.0.0.1:{port}; may be repeated',
		parse: variable,
	},
	cwd: { flag: '--cwd <folder>', means: 'its working directory' },
	timeout: { flag: '--timeout <ms>', means: 'for its start, and for its end; default: 30000', parse: number },
	startupTimeout: { flag: '--startup-timeout <ms>', means: 'for its start', parse: number },
	shutdownTimeout: { flag: '--shutdown-timeout <ms>', means: 'for its end', parse: number },
	inactivityTimeout: {
		flag: '--inactivity-timeout <ms>',
		means: 'its start is given up after this long without a line',
		parse: number,
	},
	shutdownCommand: {
		flag: '--shutdown-command <command>',
		means: 'a signal or a command that ends it; default: SIGTERM',
		parse: number,
	},
	killMode: {
		flag: '--kill-mode <mode>',
		means: "who gets that signal: its process 'group', the default, or 'process'",
	},
	diagnosticSignal: { flag: '--diagnostic-signal <signal>', means: 'sent before force is used', parse: number },
	successExitCodes: {
		flag: '--success-exit-codes <codes>',
		means: 'the exit codes of a good end, as 0,143',
		parse: numbers,
	},
	forking: { flag: '--forking', means: 'the command daemonizes itself, and writes {pidFile}' },
	stdin: { flag: '--stdin <kind>', means: "'null', the default, or 'open', if it ends at the end of its stdin" },
	umask: { flag: '--umask <mode>', means: 'octal, such as 027', parse: octal },
	pidFile: { flag: '--pid-file <file>', means: 'default: a file in a temporary folder' },
	logFile: { flag: '--log-file <file>', means: 'default: a file in a temporary folder' },
	keep: { flag: '--keep <when>', means: "keep the temporary folder with the log: if it has 'failed', or 'always'" },
	strict: { flag: '--no-strict', means: 'only warn of a process that it leaves, or if force is needed' },
	server: undefined,
	afterFork: undefined,
	beforeExec: undefined,
	nochdir: undefined,
	noclose: undefined,
	logger: undefined,
	signal: undefined,
};

type Option = keyof typeof FLAGS;

/** Such as `readyUrl` of `--ready-url`: the property in which commander puts the value. */
function propertyOf({ flag }: Flag): string {
	const [name = ''] = flag.replace(/^--(?:no-)?/, '').split(' ');
	return toProperty(name);
}

const toProperty = (words: string) => words.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

const all = () => Object.entries(FLAGS).flatMap(([option, flag]) => (flag ? [[option as Option, flag] as const] : []));

/** Adds these flags, with a heading of their own in the help. */
export function addSingleServiceFlags(command: Command): Command {
	command.optionsGroup('A single service, without a config file:');
	for (const [, { flag, means, parse }] of all()) {
		if (parse) command.option(flag, means, parse);
		else command.option(flag, means);
	}
	command.configureOutput({ outputError: (text, write) => write(withHint(text)) });
	return command.optionsGroup('Options:');
}

/** An unknown flag may have the name of the option, or the one that the command has in other tools. */
function withHint(error: string): string {
	const [, words = ''] = /unknown option '--([\w-]+)'/.exec(error) ?? [];
	const ours = /^(?:command|cmd|exec|script)$/.test(words) ? nameOf('startupCommand') : nameOf(toProperty(words));
	return ours === undefined ? error : error.replace(/(?:\n\(Did you mean .*)?\n$/, `\nHere it is ${ours}.\n`);
}

/** The options of a single service, from the values of commander by their properties. */
export function toOptions(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
	const values = all().map(([option, flag]) => [option, given[propertyOf(flag)]] as const);
	// Commander sets `strict` to true if `--no-strict` is not given.
	return Object.fromEntries(
		values.filter(([option, value]) => value !== undefined && !(option === 'strict' && value === true)),
	);
}

/** The flag of an option, for messages; undefined if it has none. */
export function nameOf(option: string): string | undefined {
	return Object.hasOwn(FLAGS, option) ? FLAGS[option as Option]?.flag.split(' ')[0] : undefined;
}
