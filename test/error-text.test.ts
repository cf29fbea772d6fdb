import { expect, test } from 'vitest';
import { addEvidence, describeExit, describeThrown, messageOf, printRows, throwAll } from '../src/error-text.ts';
import { InvalidOptionError } from '../src/errors.ts';

test.each([
	[{ code: 3, signal: null }, 'exited with code 3'],
	[{ code: null, signal: 'SIGKILL' }, 'was killed by SIGKILL'],
	[{ code: null, signal: null }, describeExit({ code: null, signal: null })],
] as const)('the exit status %j is a phrase', (exit, phrase) => expect(describeExit(exit)).toBe(phrase));

test('any thrown value is described in one line', () => {
	expect(describeThrown(new RangeError('too far\nby two'))).toBe('RangeError: too far');
	expect(describeThrown('a string')).toBe('a string');
	expect(describeThrown(Symbol('x'))).toBe('Symbol(x)');
	expect(describeThrown(Object.create(null))).toBe('something that cannot be shown (object)');
});

test('rows that share a label are printed below each other, without control characters', () => {
	const rows = [
		['log', '| one'],
		['log', '| \u001B[2Jtwo'],
		['pid', '4211\nand more'],
	] as const;
	expect(printRows(rows)).toEqual([
		'  log          | one',
		'               | \uFFFD[2Jtwo',
		`  pid          4211\n${' '.repeat(15)}and more`,
	]);
});

test('evidence that is added later appears in the message and in the stack', () => {
	const error = new InvalidOptionError('x', ['It is wrong.']);
	addEvidence(error, [['kept', '/tmp/folder']]);
	expect(error.message).toBe('It is wrong.\n  kept         /tmp/folder');
	expect(error.stack).toContain('kept         /tmp/folder');
	expect(error.evidence).toEqual([['kept', '/tmp/folder']]);
});

test('one failure is thrown as it is, and several are thrown as one error with all messages', () => {
	const [one, other] = [new RangeError('one'), 'other'];
	expect(() => throwAll([one, Object.create(null)])).toThrow('RangeError: one\n\nThen: something that cannot');
	expect(() => throwAll([one])).toThrow(one);
	const all = { name: 'AggregateError', errors: [one, other], message: 'RangeError: one\n\nThen: other' };
	expect(() => throwAll([one, other])).toThrow(expect.objectContaining(all));
	throwAll([]);
});

test('the first line of an error is cut off after 2000 characters', () => {
	const { shortMessage } = new InvalidOptionError('db', ['x'.repeat(2001)]);
	expect(shortMessage).toBe(`${'x'.repeat(2000)} … and 1 characters more`);
});

test('the message of an error does not begin with its class, and anything else is shown as text', () => {
	expect([new RangeError('too far'), 'text', Object.create(null)].map(messageOf)).toEqual([
		'too far',
		'text',
		'something that cannot be shown (object)',
	]);
});
