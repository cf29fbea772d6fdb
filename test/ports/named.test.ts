import { expect, test } from 'vitest';
import { namedPorts } from '../../src/ports/named.ts';

test('ports with names are found by these, and the one without a name is not among them', () => {
	const all = new Map([
		['port', 1],
		['ports.admin', 2],
		['ports.ports.', 3],
	]);
	expect(namedPorts(all)).toEqual({ admin: 2, 'ports.': 3 });
});
