import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Server } from '../../src/index.ts';
import { METHODS, serverRules } from '../../src/server/options.ts';

const document = readFileSync(new URL('../../docs/server.md', import.meta.url), 'utf8');

/** The names in the first column of the table below a heading. */
function namesBelow(heading: string): Set<string> {
	const section = document.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
	const cells = [...section.matchAll(/^\|([^|]*)\|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)/g)]);
	return new Set(cells.map(([, name = '']) => name));
}

test('the document of a server has every option and method, and no other', () => {
	const given: string[] = [...METHODS];
	expect(namesBelow('Methods that you write')).toEqual(new Set(given));
	const options = Object.keys(serverRules).filter(name => !given.includes(name));
	expect(namesBelow('Options')).toEqual(new Set(options));
	const server = new Server('x', { run() {} });
	const members = new Set(['name', 'module']);
	for (let holder = Object.getPrototypeOf(server); holder !== Object.prototype; holder = Object.getPrototypeOf(holder))
		for (const name of Object.getOwnPropertyNames(holder)) members.add(name);
	const others = [...members].filter(name => ![...given, ...options, 'constructor'].includes(name));
	expect(namesBelow('Methods that you call')).toEqual(new Set([...others, 'module']));
});
