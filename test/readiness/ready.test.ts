import { describe, expect, test } from 'vitest';
import {
	alive,
	type DaemonOptions,
	InvalidOptionError,
	logged,
	type ProbeFunction,
	type ProbeLike,
	startDaemon,
	withDaemon,
} from '../../src/index.ts';
import { now } from '../../src/time/clock.ts';
import { fixture } from '../support/fixtures.ts';
import { freePort } from '../support/ports.ts';
import { watchTraces } from '../support/traces.ts';
import { waitedFor } from '../support/waited-for.ts';

const stays = { startupCommand: [fixture('never-ready.sh')] };
const says = (...lines: string[]) => ({
	startupCommand: ['sh', '-c', `printf '%s\\n' "$@"; exec sleep 1000`, 'sh', ...lines],
});

const hasLogged =
	(text: string): ProbeFunction =>
	({ log }) =>
		log?.text().includes(text) ?? false;

test('all probes of a list have to hold, and `lookFor` too', async () => {
	const traces = watchTraces();
	const options = { ...says('one', 'two'), lookFor: 'one' };
	await withDaemon({ ...options, ready: [logged('two'), alive({ forMs: 1 }), () => true] }, () => {});
	expect(
		await waitedFor({ ...options, ready: [logged('three'), () => 'the cache is cold'] }, hasLogged('two')),
	).toMatchInlineSnapshot(`
		"log line "one"   holds
		log line "three"   2 lines read, none matched
		a function   the cache is cold"
	`);
	expect(traces.left()).toEqual([]);
});

test('one probe serves several daemons at once, as it has no state', async () => {
	const ready = logged(/(?<word>one|two)/);
	const both = ['one', 'two'].map(word => withDaemon({ ...says(word), ready }, ({ captures }) => captures['word']));
	expect(await Promise.all(both)).toEqual(['one', 'two']);
	expect(Object.isFrozen(ready)).toBe(true);
});

test('an empty list leaves the decision to `lookFor` or to liveness', async () => {
	expect(await waitedFor({ ...stays, ready: [], lookFor: 'no such line' }, hasLogged('loading'))).toMatchInlineSnapshot(
		`"log line "no such line"   1 line read, no match"`,
	);
	await withDaemon({ ...stays, ready: [] }, () => {});
});

test('the placeholders in a probe are filled in', async () => {
	await withDaemon({ ...says('{dir}/a'), ready: logged('{dir}/a') }, () => {});
});

describe('`logged`', () => {
	test('waits for several lines that match', async () => {
		await withDaemon({ ...says('up', 'up'), ready: logged(/^up/, { times: 2 }) }, () => {});
		const ready = [logged(/^up/, { times: 3 })];
		expect(await waitedFor({ ...says('up', 'down', 'up', 'end'), ready }, hasLogged('end'))).toMatchInlineSnapshot(
			`"log line /^up/, 3 times   4 lines read, 2 matched"`,
		);
	});
});

describe('a function', () => {
	test('is called until it returns true', async () => {
		let calls = 0;
		await withDaemon({ ...stays, ready: () => ++calls === 10 }, () => {});
		expect(calls).toBe(10);
	});

	test('is told about the daemon', async () => {
		const seen: unknown[] = [];
		const options = { ...stays, env: { PORTS: '{port} {ports.http}' }, port: 'auto', ports: { http: 'auto' } } as const;
		const ready: DaemonOptions['ready'] = ({ pid, port, ports, log, signal }) => {
			seen.push([pid, port, ports, log?.path, signal.aborted]);
			return true;
		};
		await withDaemon({ ...options, ready }, ({ pid, port, ports, log }) => {
			expect(seen).toEqual([[pid, port, ports, log.path, false]]);
		});
	});

	test('gives its reason by a string, by false, by an error, or by not settling', async () => {
		let hangsSince = Number.POSITIVE_INFINITY;
		const never = () => {
			hangsSince = now();
			return new Promise<boolean>(() => {});
		};
		let [calls, fetches] = [0, 0];
		const url = `http://127.0.0.1:${await freePort()}/`;
		const ready: ProbeLike[] = [
			() => 'the cache is cold',
			() => '',
			function isWarm() {
				return false;
			},
			function throws() {
				throw new RangeError('too early\nat all');
			},
			async function isServing() {
				return (await fetch(url).finally(() => fetches++)).ok;
			},
			never,
			() => (++calls === 1 ? 'the first reason' : never()),
		];
		const isEnough = () => calls > 1 && fetches > 1 && now() - hangsSince > 1500;
		const rows = await waitedFor({ ...stays, ready }, isEnough);
		expect(rows.replace(/127.0.0.1:\d+/, '[address]')).toMatchInlineSnapshot(`
			"a function   the cache is cold
			a function   it returned an empty string
			function isWarm   it returned false
			function throws   RangeError: too early
			function isServing   TypeError: fetch failed (Error: connect ECONNREFUSED [address])
			function never   no answer yet; a call of it has not settled
			a function   the first reason; a call of it has not settled"
		`);
	});

	test('is told by its signal that the start is over', async () => {
		let signal: AbortSignal | undefined;
		const ready: ProbeFunction = daemon => {
			({ signal } = daemon);
			return new Promise(() => {});
		};
		await waitedFor({ ...stays, ready: [ready] }, () => signal !== undefined);
		expect(signal?.aborted).toBe(true);
	});

	test('ends the start if it returns anything else, such as a missing `return`', async () => {
		const traces = watchTraces();
		const start = startDaemon({ ...stays, ready: (() => {}) as never });
		await expect(start).rejects.toThrow(InvalidOptionError);
		await expect(start).rejects.toThrow(
			'Expected a function in `ready` to return true, false or a string that says why not yet, but it returned undefined.',
		);
		expect(traces.left()).toEqual([]);
	});
});

const EXPECTED =
	"Expected `ready` to be a probe, such as logged('ready'), a URL of http or https, or a function, or a list of these";

test.each([
	['a string', 'is up', `${EXPECTED}, but got "is up" (string).`],
	['a list with a number', [logged('x'), 5], `${EXPECTED}, but got [ Probe {}, 5 ] (array).`],
	['a placeholder without a value', logged('{port}'), '`ready` uses {port}, but no `port` is asked for.'],
	[
		'a probe of wrong values',
		[logged(''), alive({ forMs: -1 }), logged('x', { times: 0 })],
		`never-ready.sh has 3 invalid options
  option       \`ready\`, logged(): Expected \`pattern\` to be a string that is not empty and has no line break, as each line is searched by itself, or a RegExp, but got "" (string).
               \`ready\`, alive(): Expected \`forMs\` to be a number of milliseconds from 1 to 2147483647, but got -1 (number).
               \`ready\`, logged(): Expected \`times\` to be a whole number from 1, but got 0 (number).`,
	],
])('%s is refused', async (_, ready, text) => {
	const start = startDaemon({ ...stays, ready } as never);
	await expect(start).rejects.toThrow(InvalidOptionError);
	await expect(start).rejects.toThrow(expect.objectContaining({ message: text }));
});

test('a probe that reads the log is refused without one', async () => {
	const start = startDaemon({ ...stays, noclose: true, ready: [() => true, logged('x')] });
	await expect(start).rejects.toThrow('`ready` reads the log, but with `noclose` the output goes to the caller');
});
