import { expect, test } from 'vitest';
import { StartupError } from '../src/index.ts';
import { printable, shorten } from '../src/printable.ts';

test('escape sequences are not shown', () => {
	expect(printable('a\u001B[31mb\u0007\u009Bc\nd\u202Ee\u2028f\tg')).toBe('a�[31mb��c�d�e�f    g');
});

test('a long text is cut, and the missing length is shown', () => {
	expect(printable('x'.repeat(400))).toBe('x'.repeat(400));
	expect(printable('x'.repeat(100_000))).toBe(`${'x'.repeat(400)} … and 99600 characters more`);
	expect(shorten('abcdef', 2)).toBe('ab … and 4 characters more');
});

test('the message of an error is bounded and has no control character except line breaks', () => {
	const { message, shortMessage } = new StartupError('x', `failed: \u001B[2J${'y'.repeat(5000)}`, {
		evidence: [['said', 'a\u001B]0;title\u0007\nb']],
	});
	expect(message.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
	expect(shortMessage).toMatch(/^x failed: �\[2Jy+ … and \d+ characters more$/);
	expect(message).toMatch(/\n {2}said {9}a�\]0;title�\n {15}b$/);
});
