import { expect, test } from 'vitest';
import { type Exporter, fillExports, findExportProblems, findRivals } from '../../src/group/exports.ts';

const exporter = (name: string, text: string, options: object = {}): Exporter => ({
	name,
	exports: { URL: text },
	options: { startupCommand: 'x', ...options },
});
const problemsOf = (text: string, options: object = {}) => {
	const api = exporter('api', text, options);
	const db = exporter('db', '', { port: 'auto' });
	return findExportProblems(api, new Map([api, db].map(one => [one.name, one])), new Set(['db']));
};

test('placeholders without a value are refused, and those of shells and templates are not', () => {
	expect(problemsOf('{port} {ports.admin}')).toEqual([
		'api: `exports` uses {port}, but no `port` is asked for.',
		'api: `exports` uses {ports.admin}, but `ports` has no admin.',
	]);
	expect(problemsOf('{prot}', { port: 1 })).toEqual([
		'api: `exports` uses {prot}, which nothing fills in. Did you mean {port}?',
	]);
	expect(problemsOf('{db.pid}')).toEqual(['api: `exports` uses {db.pid}, but there is no such thing as {pid}.']);
	expect(problemsOf('${port} {{port}} {db.port} {db.captures.x} {captures.x} {dir}')).toEqual([]);
});

test('a member on which the exporter does not depend is refused', () => {
	const [api, db] = [exporter('api', '{db.dir}'), exporter('db', '')];
	expect(findExportProblems(api, new Map([api, db].map(one => [one.name, one])), new Set())).toEqual([
		'api: `exports` uses {db.dir}, but does not depend on db.',
	]);
});

test('a variable that two members export is refused', () => {
	expect(findRivals([exporter('api', ''), exporter('db', '')])).toEqual([
		'db: `exports` has URL, but api exports it already.',
	]);
});

test('ports, captures and paths of each member are filled in', () => {
	const source = { port: 1, ports: { a: 2 }, captures: { x: '3' }, dir: '/d', pidFile: '/p', logFile: '/l' };
	const sources = new Map([
		['api', source],
		['db', { ...source, port: 4 }],
	]);
	const fail = (placeholder: string, why: string) => expect.unreachable(`${placeholder} ${why}`);
	const text = '{port} {ports.a} {captures.x} {dir} {pidFile} {logFile} {db.port} ${port}';
	expect(fillExports(exporter('api', text), sources, fail)).toEqual({ URL: '1 2 3 /d /p /l 4 ${port}' });
	expect(() => fillExports(exporter('api', '{captures.y}'), sources, fail)).toThrow('captures.y has no value');
	const cut = new Map([['api', { ...source, captures: { x: 'a\0b' } }]]);
	expect(() => fillExports(exporter('api', '{captures.x}'), cut, fail)).toThrow(
		'captures.x has a null byte in its value',
	);
});
