/** Finds placeholders without a value, mistyped placeholders, and ports that no placeholder uses. */

import { argumentsOf, isJavaScript } from '../javascript/command.ts';
import { textsIn } from '../javascript/fill-arguments.ts';
import { placeholdersIn } from '../launch/placeholders.ts';
import { listPorts, numberOf } from '../ports/wanted.ts';
import { descriptionsOf } from '../readiness/to-probe.ts';
import { listWanted } from '../sockets/sockets.ts';
import type { CoreOptions } from './options.ts';

/** Matches a name in braces, but not `${…}`, `%{…}` and `{{…}}` of shells, curl and templates. */
const BRACED = /(?<![$%{])\{([A-Za-z][\w.-]*)\}(?!\})/g;

/** @param known the placeholders that are filled in. */
export function findPlaceholderProblems(options: CoreOptions, known: readonly string[]): string[] {
	const texts = textsByOption(options);
	return [
		...Object.entries(texts).flatMap(([name, texts]) => [
			...findEmpty(name, texts, known),
			...findMistyped(name, texts, ['pidFile', 'logFile', 'dir', 'port', ...known]),
		]),
		...(isCode(options) ? [] : findUnusedPorts(options, toldIn(texts))),
	];
}

/** The options in which placeholders are filled in. */
type WithTexts = Pick<
	CoreOptions,
	'startupCommand' | 'server' | 'shutdownCommand' | 'env' | 'cwd' | 'afterFork' | 'beforeExec' | 'ready' | 'listen'
>;

/** The placeholders that the daemon gets to see, or its `shutdownCommand`. A probe tells the daemon nothing. */
export function findUsed(options: WithTexts): ReadonlySet<string> {
	return toldIn(textsByOption(options));
}

function toldIn(textsOf: Readonly<Record<string, readonly string[]>>): ReadonlySet<string> {
	const told = Object.entries(textsOf).filter(([name]) => name !== 'ready');
	return new Set(told.flatMap(([, texts]) => texts.flatMap(placeholdersIn)));
}

/** The texts with braces. */
function textsByOption(options: WithTexts): Record<string, string[]> {
	const { startupCommand, server, shutdownCommand, env = {}, cwd = '', afterFork, beforeExec, ready } = options;
	const values = {
		...{ startupCommand, server, shutdownCommand, env: Object.values(env), cwd, afterFork, beforeExec },
		ready: descriptionsOf(ready).map(({ given }) => given),
		listen: listWanted(options.listen).map(([, wanted]) => wanted),
	};
	const textsOf = (value: unknown) => textsIn(isJavaScript(value) ? argumentsOf(value) : value);
	const given = Object.entries(values).filter(([, value]) => value !== undefined);
	return Object.fromEntries(given.map(([name, value]) => [name, textsOf(value).filter(text => text.includes('{'))]));
}

function findEmpty(name: string, texts: readonly string[], known: readonly string[]): string[] {
	const empty = texts.flatMap(placeholdersIn).filter(placeholder => !known.includes(placeholder));
	return empty.map(placeholder => `\`${name}\` uses {${placeholder}}, but ${whyEmpty(placeholder, known)}.`);
}

function whyEmpty(placeholder: string, known: readonly string[]): string {
	if (placeholder === 'port') return 'no `port` is asked for';
	if (placeholder.startsWith('listen')) return whyNoSocket(known);
	const [, port] = /^ports\.(.*)$/.exec(placeholder) ?? [];
	return port === undefined ? 'there is no such thing here' : `\`ports\` has no ${port}`;
}

function whyNoSocket(known: readonly string[]): string {
	const sockets = known.filter(name => name.startsWith('listen')).map(name => `{${name}}`);
	return sockets.length === 0 ? 'no `listen` is asked for' : `\`listen\` only fills in ${sockets.join(', ')}`;
}

/** Only names that resemble a placeholder are reported, as others may belong to the daemon. */
function findMistyped(name: string, texts: readonly string[], names: readonly string[]): string[] {
	const words = texts.flatMap(text => [...text.matchAll(BRACED)].map(([, word = '']) => word));
	const others = words.filter(word => placeholdersIn(`{${word}}`).length === 0);
	return others.flatMap(word => {
		const meant = names.find(known => isNearly(word, known));
		return meant === undefined ? [] : [`\`${name}\` uses {${word}}, which nothing fills in. Did you mean {${meant}}?`];
	});
}

/** Whether a word differs only in case, in separators or in the order of its letters. */
function isNearly(word: string, name: string): boolean {
	const plain = (text: string) => text.toLowerCase().replaceAll(/[_.-]/g, '');
	const sorted = (text: string) => [...plain(text)].sort().join('');
	return sorted(word) === sorted(name) && plain(word)[0] === plain(name)[0];
}

/**
 * Only `'auto'` and commands are checked: code can get its port in other ways, and a number may be in a configuration.
 */
function findUnusedPorts(options: CoreOptions, used: ReadonlySet<string>): string[] {
	const unused = listPorts(options).filter(([name, wanted]) => numberOf(wanted) === 'auto' && !used.has(name));
	return unused.map(([name]) => {
		const where = `put {${name}} into the command, \`env\` or \`cwd\``;
		return `\`${name}\` is 'auto', but nothing tells the daemon which port that is: ${where}.`;
	});
}

function isCode({ startupCommand, server, afterFork, beforeExec }: CoreOptions): boolean {
	return isJavaScript(startupCommand ?? server) || afterFork !== undefined || beforeExec !== undefined;
}
