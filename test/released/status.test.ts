import { expect, test } from 'vitest';
import { lockDaemons, type Worker } from '../../src/released/lock.ts';
import { reportOn } from '../../src/released/status.ts';

const CHECKOUT = '/some/checkout/of/status';
const { signal } = new AbortController();

test.each<[Worker['act'], string]>([
	['start', 'starting'],
	['restart', 'starting'],
	['stop', 'stopped'],
	['clean', 'stopped'],
])('a daemon without an entry, on which `%s` is at work, is %s', async (act, state) => {
	const release = await lockDaemons(CHECKOUT, [act], act, { signal, onWait: undefined });
	try {
		expect(await reportOn(CHECKOUT, act)).toMatchObject({ state, pid: null });
	} finally {
		release();
	}
	expect(await reportOn(CHECKOUT, act)).toMatchObject({ state: 'stopped' });
});
