import { expect, test } from 'vitest';
import { deferred } from '../../src/time/deadline.ts';
import { Queue } from '../../src/time/queue.ts';

test('work begins when the work before it has ended, even by an error', async () => {
	const queue = new Queue();
	const [first, second] = [deferred<void>(), deferred<void>()];
	const steps: string[] = [];
	const work = (name: string, end: Promise<void>) => async () => {
		steps.push(`${name} begins`);
		await end.finally(() => steps.push(`${name} ends`));
	};
	const running = [queue.run(work('first', first.promise)), queue.run(work('second', second.promise))];
	second.resolve();
	first.reject(new Error('too bad'));
	expect(await Promise.allSettled(running)).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled' }]);
	expect(steps).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
});

test('a cancellation reaches all work that has not ended, and none that comes later', async () => {
	const queue = new Queue();
	queue.cancel();
	const signals: AbortSignal[] = [];
	const note = async (signal: AbortSignal) => void signals.push(signal);
	const earlier = [queue.run(note), queue.run(note)];
	queue.cancel();
	await Promise.all([...earlier, queue.run(note)]);
	queue.cancel();
	expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, false]);
});
