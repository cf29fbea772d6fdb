/** A lock by name. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { tryLock } from '../src/lock.ts';

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
