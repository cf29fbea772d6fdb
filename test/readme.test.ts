import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as library from '../src/index.ts';
import { resolveOptions } from '../src/options/resolve.ts';
import { HELPER_ONLY, MEMBER_ONLY } from '../src/options/validate.ts';
import * as probes from '../src/readiness/index.ts';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const readme = read('README.md');

/** The rows of the table in a document, as cells without their code marks. */
function tableIn(document: string): string[][] {
	const rows = read(document)
		.split('\n')
		.filter(line => line.startsWith('|'));
	return rows.slice(2).map(row =>
		row
			.split(/(?<!\\)\|/)
			.slice(1, -1)
			.map(cell => cell.trim()),
	);
}

const bare = (cell = '') => cell.replaceAll('`', '');

describe('the table of options', () => {
	const rows = tableIn('docs/options.md');
	const core = { name: 'x', pidFile: '/dev/null', startupCommand: 'x' };

	test('has every option, and no other', () => {
		const documented = rows.map(([option]) => bare(option));
		expect(new Set(documented)).toEqual(
			new Set([...Object.keys(resolveOptions(core)), ...HELPER_ONLY, ...MEMBER_ONLY]),
		);
	});

	test('has the defaults of the code', () => {
		const resolved: Record<string, unknown> = { ...resolveOptions(core) };
		const fixed = rows.filter(([, , value = '']) => /^`(?:\d+|true|false|'\w+'|\/)`$/.test(value));
		const defaults = fixed.map(([option, , value]) => [bare(option), bare(value).replaceAll("'", '')]);
		const actual = defaults.map(([option = '']) => [option, String(resolved[option])]);
		expect(defaults).toEqual(actual);
		expect(defaults.length).toBe(6);
	});
});

describe('the table of errors', () => {
	const rows = tableIn('docs/errors.md').map(row => row.map(bare));
	const errors = { ...library };

	test('has every error class, and no other', () => {
		const classes = Object.entries(library).filter(([, value]) =>
			Object.prototype.isPrototypeOf.call(library.DaemonError, value),
		);
		expect(new Set(rows.map(([name]) => name))).toEqual(new Set(classes.map(([name]) => name)));
	});

	test('has the codes of the code', () => {
		const codes = rows.map(([name = '']) => {
			const Class = errors[name as 'StartupError'];
			return new Class('x', 'y', { evidence: [], exit: { code: 0, signal: null } }).code;
		});
		expect(rows.map(([, code]) => code)).toEqual(codes);
	});
});

test('the table of probes has every probe, and no other', () => {
	const firstCells = tableIn('docs/readiness.md').map(([cell = '']) => cell);
	const named = firstCells.flatMap(cell => [...cell.matchAll(/(\w+)\(/g)].map(([, name]) => name));
	expect(new Set(named)).toEqual(new Set(Object.keys(probes)));
});

test('every name that stands with parentheses is something that can be called', () => {
	const prose = readme.replace(/```[\s\S]*?```/g, '');
	const names = [...prose.matchAll(/`(\w+)\([^`]*\)`/g)].map(([, name = '']) => name);
	const daemon = new library.Daemon({ name: 'x', pidFile: '/dev/null', startupCommand: 'x', logFile: '/dev/null/x' });
	const callable = (name: string) =>
		[library, daemon, daemon.log, library.Server.prototype, ONLY_IN_VITEST].some(holder => name in holder);
	expect(names.filter(name => !callable(name))).toEqual([]);
	expect(names.length).toBeGreaterThan(10);
});

const ONLY_IN_VITEST = { useDaemon: 1, daemonFixture: 1 };

test('the README has a whole test on its first screen, and at most 300 lines', () => {
	const lines = readme.split('\n');
	expect(lines.indexOf('```ts')).toBeLessThan(15);
	expect(lines.length).toBeLessThanOrEqual(300);
});
