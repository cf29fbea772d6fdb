import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { onTestFinished } from './this-test.ts';

const order: string[] = [];

describe.concurrent('what is to be done when a test is over', () => {
	let beShort: () => void;
	const isShortOver = new Promise<void>(resolve => {
		beShort = resolve;
	});
	test('is not done before, although a test beside it is over', async () => {
		await setTimeout(1);
		onTestFinished(() => order.push('end of the long one'));
		await isShortOver;
		order.push('long one');
	});
	test('is done at once', async () => {
		await setTimeout(1);
		onTestFinished(() => {
			order.push('end of the short one');
			beShort();
		});
	});
});

test('and was done in this order', () => {
	expect(order).toEqual(['end of the short one', 'long one', 'end of the long one']);
});
