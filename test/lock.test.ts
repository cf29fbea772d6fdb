/** A lock by name. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { tryLock, whoHolds } from '../src/lock.ts';
import { settlesWithin } from '../src/time/deadline.ts';
import { onTestFinished } from './support/this-test.ts';

test('a lock has one holder at a time, and can be taken again after its release', async () => {
	const name = randomBytes(8).toString('hex');
	const [first, second] = await Promise.all([tryLock(name), tryLock(name)]);
	expect([first, second].filter(release => release !== undefined)).toHaveLength(1);
	(first ?? second)?.();
	const again = await tryLock(name);
	expect(again).toBeTypeOf('function');
	const other = await tryLock(`${name}-2`);
	expect(other).toBeTypeOf('function');
	again?.();
	other?.();
});

test.runIf(process.platform === 'linux')('a holder that does not answer keeps nobody waiting for long', async () => {
	const name = randomBytes(8).toString('hex');
	const silent = createServer(() => {}).listen(`\0withdaemon-${name}`);
	onTestFinished(() => void silent.close());
	await once(silent, 'listening');
	const answer = whoHolds(name);
	expect(await settlesWithin(answer, 60_000)).toBe(true);
	expect(await answer).toBeUndefined();
});
