import { expect, test } from 'vitest';
import { alive, any, logged, not, startDaemon, withDaemon } from '../../src/index.ts';
import { fixture } from '../support/fixtures.ts';
import { waitedFor } from '../support/waited-for.ts';

const stays = { startupCommand: [fixture('never-ready.sh')] };

test('holds when the condition ends', async () => {
	let calls = 0;
	await withDaemon({ ...stays, ready: not(() => ++calls < 5) }, () => {});
	expect(calls).toBe(5);
});

test('does not hold as long as the condition does', async () => {
	let looks = 0;
	const isLocked = () => true;
	const rows = await waitedFor({ ...stays, ready: [not(isLocked)] }, () => ++looks > 5);
	expect(rows).toMatchInlineSnapshot(`"not function isLocked   it still does"`);
});

test('what can only become true is refused', async () => {
	const ready = [not(logged('x')), not(any([() => true, alive()])), not('x' as never)];
	await expect(startDaemon({ ...stays, ready })).rejects.toThrowErrorMatchingInlineSnapshot(`
		[InvalidOptionError: never-ready.sh has 3 invalid options
		  option       \`ready\`, not(): logged() becomes true once and stays true, so it cannot be looked at again.
		               \`ready\`, not(): alive() becomes true once and stays true, so it cannot be looked at again.
		               \`ready\`, not(): Expected a probe, such as logged('ready'), a URL of http or https, or a function, but got "x" (string).]
	`);
});
