import { expect, test } from 'vitest';
import { withDaemon } from '../../src/index.ts';
import { fixture } from '../support/fixtures.ts';
import { watchTraces } from '../support/traces.ts';

test('a child that ends by itself a moment after its daemon is not a leak', async () => {
	const { left } = watchTraces();
	await withDaemon({ startupCommand: [fixture('leaves-a-slow-child.mjs')], lookFor: 'ready' }, () => {});
	expect(left()).toEqual([]);
});
