import { expect, test } from 'vitest';
import { findWorker, lockDaemons, type Worker } from '../../src/released/lock.ts';
import { onTestFinished } from '../support/this-test.ts';

const CHECKOUT = '/some/checkout';
const { signal } = new AbortController();

test('a command waits for the one that is at work, knows which it is, and gives up when that takes too long', async () => {
	const release = await lockDaemons(CHECKOUT, ['b', 'a'], 'restart', { signal, onWait: undefined });
	onTestFinished(release);
	const told: [string, Worker | undefined][] = [];
	const onWait = (name: string, worker: Worker | undefined) => void told.push([name, worker]);
	const late = lockDaemons(CHECKOUT, ['a'], 'stop', { signal, onWait: undefined, longest: 20 });
	await expect(late).rejects.toThrow(
		`a was not looked at, as \`restart\`, process ${process.pid}, was not done with it within 20 ms`,
	);
	const waiting = lockDaemons(CHECKOUT, ['a', 'b'], 'stop', { signal, onWait });
	await expect.poll(() => told).toEqual([['a', { act: 'restart', pid: process.pid }]]);
	release();
	onTestFinished(await waiting);
	expect(await findWorker(CHECKOUT, 'b')).toEqual({ act: 'stop', pid: process.pid });
});

test('daemons of other names and of other checkouts are not waited for', async () => {
	const release = await lockDaemons(CHECKOUT, ['c'], 'start', { signal, onWait: undefined });
	onTestFinished(release);
	onTestFinished(await lockDaemons(CHECKOUT, ['d'], 'start', { signal, onWait: undefined, longest: 20 }));
	onTestFinished(await lockDaemons('/other', ['c'], 'start', { signal, onWait: undefined, longest: 20 }));
});
