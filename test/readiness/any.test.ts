import { expect, test } from 'vitest';
import { any, logged, not, type ProbeFunction, startDaemon, withDaemon } from '../../src/index.ts';
import { fixture } from '../support/fixtures.ts';
import { waitedFor } from '../support/waited-for.ts';

const stays = { startupCommand: [fixture('never-ready.sh')] };
const never = () => false;

test('holds as soon as one does, with its captures', async () => {
	const ready = any([never, logged(/loading the (?<what>\w+)/)]);
	expect(await withDaemon({ ...stays, ready }, ({ captures }) => captures)).toEqual({ what: 'index' });
	await withDaemon({ ...stays, ready: not(any([never, never])) }, () => {});
});

test('ends the others when one holds', async () => {
	let other: AbortSignal | undefined;
	const one = () => other !== undefined;
	const another: ProbeFunction = ({ signal }) => {
		other = signal;
		return false;
	};
	await withDaemon({ ...stays, ready: [any([one, another]), () => other?.aborted === true] }, () => {});
});

test('gives the reasons of all', async () => {
	const ready = [any([logged('no such line'), () => 'the cache is cold']), not(any([() => true, never]))];
	let looks = 0;
	const rows = await waitedFor(
		{ ...stays, ready },
		({ log }) => ++looks > 20 && log?.text().includes('loading') === true,
	);
	expect(rows).toMatchInlineSnapshot(`
		"any of these   
		- log line "no such line"   1 line read, no match
		- a function   the cache is cold
		not any of these   it still does"
	`);
});

test('has to have a list of probes', async () => {
	const ready = [any([]), any(['x'] as never)];
	await expect(startDaemon({ ...stays, ready })).rejects.toThrowErrorMatchingInlineSnapshot(`
		[InvalidOptionError: never-ready.sh has 2 invalid options
		  option       \`ready\`, any(): Expected a list, of which each entry is a probe, such as logged('ready'), a URL of http or https, or a function, but got [] (array).
		               \`ready\`, any(): Expected a list, of which each entry is a probe, such as logged('ready'), a URL of http or https, or a function, but got [ 'x' ] (array).]
	`);
});
