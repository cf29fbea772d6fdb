/** The variables that members of a group export to their dependents: checked before the start, filled in after it. */
import { nearestName } from '../nearest-name.ts';
import type { DaemonOptions } from '../options/options.ts';
import type { PidFile } from '../pid-file/pid-file.ts';

/** A member with variables that it exports. */
export interface Exporter {
	readonly name: string;
	readonly exports: Readonly<Record<string, string>>;
	/** Undefined if a function returns them later. */
	readonly options: DaemonOptions | undefined;
}

/** A name in braces, but not `${…}`, `%{…}` and `{{…}}` of shells, curl and templates. */
const PLACEHOLDER = /(?<![$%{])\{([A-Za-z_][\w.-]*)\}(?!\})/g;

/** What is known of a member once it is ready. `{db.port}` is the port of another member. */
const WORDS = ['port', 'ports', 'captures', 'dir', 'pidFile', 'logFile'];

/**
 * @param all the members by their names.
 * @param dependencies everything that the exporter depends on.
 */
export function findExportProblems(
	exporter: Exporter,
	all: ReadonlyMap<string, Exporter>,
	dependencies: ReadonlySet<string>,
): string[] {
	const placeholders = Object.values(exporter.exports).flatMap(placeholdersIn);
	return placeholders.flatMap(placeholder => {
		const { owner, word } = split(placeholder, exporter.name);
		const why = whyEmpty(word, all.get(owner)?.options);
		const uses = `${exporter.name}: \`exports\` uses {${placeholder}}`;
		if (!all.has(owner)) return [`${uses}, which nothing fills in.${hintFor(placeholder, [...all.keys()])}`];
		if (owner !== exporter.name && !dependencies.has(owner)) return [`${uses}, but does not depend on ${owner}.`];
		return why === undefined ? [] : [`${uses}, but ${why}.`];
	});
}

/** The members whose folder, `{dir}`, is a part of a variable. */
export const foldersIn = (self: string, variable: string): string[] =>
	placeholdersIn(variable).flatMap(placeholder => {
		const { owner, word } = split(placeholder, self);
		return word === 'dir' ? [owner] : [];
	});

/** One sentence for each variable that two members export. */
export function findRivals(exporters: Iterable<Exporter>): string[] {
	const owners = new Map<string, string>();
	return [...exporters].flatMap(({ name, exports }) =>
		Object.keys(exports).flatMap(variable => {
			const other = owners.get(variable);
			owners.set(variable, other ?? name);
			return other === undefined ? [] : [`${name}: \`exports\` has ${variable}, but ${other} exports it already.`];
		}),
	);
}

function whyEmpty(word: string, options: DaemonOptions | undefined): string | undefined {
	const [kind = '', name] = word.split(/\.(.*)/s);
	if (!WORDS.includes(kind) || (name !== undefined) !== (kind === 'ports' || kind === 'captures'))
		return `there is no such thing as {${word}}`;
	if (options === undefined) return undefined;
	if (kind === 'port' && options.port === undefined) return 'no `port` is asked for';
	if (kind === 'ports' && !Object.hasOwn(options.ports ?? {}, name ?? '')) return `\`ports\` has no ${name}`;
	return undefined;
}

function hintFor(placeholder: string, names: readonly string[]): string {
	const [head = '', ...rest] = placeholder.split('.');
	const nearest = nearestName(head, [...WORDS, ...names]);
	return nearest === undefined ? '' : ` Did you mean {${[nearest, ...rest].join('.')}}?`;
}

/** What `exports` are filled in from. */
export interface Source {
	readonly port: number;
	readonly ports: Readonly<Record<string, number>>;
	readonly captures: Readonly<Record<string, string | undefined>>;
	readonly dir: string;
	readonly pidFile: string | PidFile;
	readonly logFile: string | undefined;
}

/**
 * @param sources the members that are ready, the exporter included.
 * @param fail is called if there is no value for a placeholder, as when the pattern has matched without that group.
 */
export function fillExports(
	{ name, exports }: Exporter,
	sources: ReadonlyMap<string, Source>,
	fail: (placeholder: string, why: string) => never,
): Record<string, string> {
	const find = (placeholder: string) => {
		const { owner, word } = split(placeholder, name);
		const source = sources.get(owner);
		const value = (source && valueIn(source, word)) ?? fail(placeholder, 'has no value');
		return value.includes('\0') ? fail(placeholder, 'has a null byte in its value') : value;
	};
	const fill = (text: string) => text.replace(PLACEHOLDER, (_, placeholder: string) => find(placeholder));
	return Object.fromEntries(Object.entries(exports).map(([variable, text]) => [variable, fill(text)]));
}

function valueIn(source: Source, word: string): string | undefined {
	const [kind = '', name = ''] = word.split(/\.(.*)/s);
	if (kind === 'port') return String(source.port);
	if (kind === 'ports') return source.ports[name]?.toString();
	if (kind === 'captures') return source.captures[name];
	if (kind === 'pidFile') return typeof source.pidFile === 'string' ? source.pidFile : source.pidFile.filename;
	return kind === 'dir' ? source.dir : source.logFile;
}

const placeholdersIn = (text: string) => [...text.matchAll(PLACEHOLDER)].map(([, placeholder = '']) => placeholder);

function split(placeholder: string, self: string): { readonly owner: string; readonly word: string } {
	const [head = '', ...rest] = placeholder.split('.');
	return WORDS.includes(head) ? { owner: self, word: placeholder } : { owner: head, word: rest.join('.') };
}
