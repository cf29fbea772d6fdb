import { expect, test } from 'vitest';
import { sendSignal, toSignal } from '../../src/process/signals.ts';

test('a signal is known by its name, with or without SIG, and by its number', () => {
	expect(['INT', 'SIGINT', 'sigint', 2].map(toSignal)).toEqual(['SIGINT', 'SIGINT', 'SIGINT', 'SIGINT']);
	expect(['NOPE', '', 0, 99, 1.5].map(toSignal)).toEqual([undefined, undefined, undefined, undefined, undefined]);
});

test('the errno of kill(2) is the answer', () => {
	expect(sendSignal(process.pid, 0)).toBe('sent');
	expect(sendSignal(4194304, 'SIGINT')).toBe('ESRCH');
});
