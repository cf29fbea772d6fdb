import { expect, test } from 'vitest';
import { describeLargest, explainTooBig } from '../../src/evidence/too-big.ts';

test('the three largest of all variables and arguments are named with their sizes, which include what ends each', () => {
	const attempt = { argv: ['sh', 'x'.repeat(30)], env: { A: 'x'.repeat(10), B: 'x'.repeat(40), C: 'é' } };
	expect(describeLargest(attempt)).toEqual([
		['largest', '`env`: B   43 bytes'],
		['largest', 'argument 1 of the command   31 bytes'],
		['largest', '`env`: A   13 bytes'],
	]);
	expect(explainTooBig(attempt)).toMatch(/^its environment and its arguments, 95 bytes/);
});

test('a long name of a variable is cut off, with the number of characters that are missing', () => {
	const [[, largest]] = describeLargest({ argv: [], env: { ['A'.repeat(1000)]: 'x' } }) as [[string, string]];
	expect(largest).toBe(`\`env\`: ${'A'.repeat(400)} … and 600 characters more   1003 bytes`);
});
