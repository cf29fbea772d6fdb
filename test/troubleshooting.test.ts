/** docs/troubleshooting.md explains what the errors say, and no more. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as library from '../src/index.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const guide = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8');

test('has a section for each code, which begins with its class', () => {
	const errors = { ...library };
	const classes = Object.keys(errors).filter(name =>
		Object.prototype.isPrototypeOf.call(library.DaemonError, errors[name as 'StartupError']),
	);
	const codes = classes.map((name): [string, string] => {
		const Class = errors[name as 'StartupError'];
		return [new Class('x', 'y', { evidence: [], exit: { code: 0, signal: null } }).code, name];
	});
	const sections = [...guide.matchAll(/^### (ERR_\w+)\n\n`(\w+)`/gm)].map(
		([, code = '', name = '']): [string, string] => [code, name],
	);
	expect(new Map(sections)).toEqual(new Map(codes));
	expect(sections.length).toBe(11);
});

test('explains only rows that errors have', () => {
	const source = textOf('src');
	const rows = [...guide.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell = '']) =>
		[...cell.matchAll(/`([^`]+)`/g)].map(([, row = '']) => row),
	);
	expect(rows.filter(row => !source.includes(`'${row}'`))).toEqual([]);
	expect(rows.length).toBe(22);
});

test('quotes only what an error says, in the code or in a snapshot of a test', () => {
	const quoted = [...guide.matchAll(/^(?:- )?`([^`]+)`(?: or `[^`]+`)?[:,]/gm)].map(([, text = '']) => text);
	const known = textOf('src') + textOf('test');
	expect(quoted.filter(text => !known.includes(text))).toEqual([]);
	expect(quoted.length).toBeGreaterThan(18);
});

/** All files of a folder and below, without this one. */
function textOf(folder: string): string {
	const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
	const files = entries.filter(entry => entry.isFile() && entry.name !== basename(import.meta.url));
	return files.map(entry => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('\n');
}
