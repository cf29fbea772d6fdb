import { expect, test } from 'vitest';
import { listening, logged } from '../../src/index.ts';
import { define, findDifferences, fromValues, toValues } from '../../src/released/definition.ts';

const options = { startupCommand: ['a', 'b'], lookFor: /ready (?<n>\d)/i, port: 1234, env: { X: 1 } };

test('the same options in another order are the same definition, however long a start may wait', () => {
	const { env, ...others } = options;
	const again = { env, ...others, lookFor: /ready (?<n>\d)/i, startupTimeout: 5, keep: 'failed' } as const;
	expect(findDifferences(define(options, {}), define(again, {}))).toEqual([]);
});

test('probes, functions, patterns and what other members export are a part of the definition', () => {
	const one = define({ ...options, ready: [logged('a'), () => true] }, { URL: 'x' });
	const other = define({ ...options, ready: [logged('b'), () => true], lookFor: /ready/ }, { URL: 'y' });
	expect(findDifferences(one, other)).toMatchInlineSnapshot(`
		[
		  "env.URL   is "x", would be "y"",
		  "lookFor   is /ready (?<n>\\d)/i, would be /ready/",
		  "ready   is [logged({ pattern: "a" }), () => true], would be [logged({ pattern: "b" }), () => true]",
		]
	`);
	expect(findDifferences(one, define({ ...options, ready: [logged('a'), () => true] }, { URL: 'x' }))).toEqual([]);
});

test('options of JSON and patterns can be written down and read again, others cannot', () => {
	const written = JSON.parse(JSON.stringify(toValues(options)));
	expect(fromValues(written)).toEqual(options);
	expect(toValues({ ...options, ready: () => true })).toBeUndefined();
	expect(toValues({ ...options, ready: listening(1) })).toBeUndefined();
});
