import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const files = readdirSync(new URL('.', import.meta.url)).filter(name => name !== 'guarantees.test.ts');

/** Each test as `launch: its name`. */
const tests = files.flatMap(file => {
	const names = read(file).matchAll(/^\t*test(?:\.skipIf\(.*?\))?\(\s*(?:'(.*?)'|"(.*?)"),/gms);
	return [...names].map(([, single, double]) => `${file.replace('.test.ts', '')}: ${single ?? double}`);
});

/** The cells of the tables of faults, without their heads. */
const rows = read('../../docs/guarantees.md')
	.split('\n\n')
	.filter(block => block.startsWith('| fault |'))
	.flatMap(table => table.trim().split('\n').slice(2))
	.map(line => line.slice(2, -2).split(' | '));

test('every fault that is shown has one row in docs/guarantees.md, and every row a test', () => {
	expect(rows.map(([, , shownBy]) => shownBy).toSorted()).toEqual(tests.toSorted());
	expect(tests.length).toBeGreaterThan(60);
});

test('every row has a fault, what happens and a test, and no test twice', () => {
	expect(rows.filter(row => row.length !== 3 || row.some(cell => cell.trim() === ''))).toEqual([]);
	expect(new Set(tests).size).toBe(tests.length);
});

test('every test has a name that can be found: none is made of parts', () => {
	const calls = files.flatMap(file => [...read(file).matchAll(/^\t*(?:test|it)\b[.(]/gm)]);
	expect(calls).toHaveLength(tests.length);
});
