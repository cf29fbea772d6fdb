import { expect, test } from 'vitest';
import { startDaemon } from '../../src/index.ts';
import { silentLogger } from '../../src/logger.ts';
import { nextTurn } from '../../src/time/clock.ts';
import { fewAtOnce } from '../../src/time/few-at-once.ts';

test('eight begin in one turn of the event loop, and the others in later ones', async () => {
	let begun = 0;
	const all = Array.from({ length: 20 }, () => fewAtOnce().then(() => (begun += 1)));
	// All microtasks run before the next turn.
	for (let tick = 0; tick < 100; tick += 1) await Promise.resolve();
	expect(begun).toBe(8);
	await Promise.all(all);
	expect(begun).toBe(20);
});

test('the launches of one turn are few, and each of them succeeds', async () => {
	let turn = 0;
	let isOver = false;
	const turns = new Map<number, number>();
	const count = async () => {
		for (; !isOver; turn += 1) await nextTurn();
	};
	const counting = count();
	const debug = (text: string) => {
		if (text.startsWith('About to fork')) turns.set(turn, (turns.get(turn) ?? 0) + 1);
	};
	const options = { startupCommand: 'sleep 1000', logger: { ...silentLogger, debug } };
	const daemons = await Promise.all(Array.from({ length: 20 }, () => startDaemon(options)));
	isOver = true;
	await counting;
	expect(daemons.filter(daemon => !daemon.isAlive())).toEqual([]);
	await Promise.all(daemons.map(daemon => daemon[Symbol.asyncDispose]()));
	expect(Math.max(...turns.values())).toBeLessThanOrEqual(8);
});

test('others have their turn while a daemon is launched', async () => {
	let turn = 0;
	let isOver = false;
	const count = async () => {
		for (; !isOver; turn += 1) await nextTurn();
	};
	const counting = count();
	const turns: number[] = [];
	const debug = (text: string) => {
		if (text.startsWith('About to fork')) turns.push(turn);
	};
	const options = { startupCommand: 'sleep 1000', logger: { ...silentLogger, debug } };
	// The first one also has to wait for the reaper.
	await using _first = await startDaemon(options);
	const before = turn;
	await using _second = await startDaemon(options);
	isOver = true;
	await counting;
	// One before the spawn, and one after it.
	expect((turns[1] ?? 0) - before).toBeGreaterThanOrEqual(2);
});

test('a start that is aborted while its launcher starts begins no daemon', async () => {
	const forked: boolean[] = [];
	for (let turns = 0; turns < 6; turns += 1) {
		const abort = new AbortController();
		const debug = (text: string) => {
			if (text.startsWith('About to fork')) forked.push(abort.signal.aborted);
		};
		const never = { startupCommand: 'sleep 1000', lookFor: 'ready' };
		const starting = startDaemon({ ...never, logger: { ...silentLogger, debug }, signal: abort.signal });
		const ended = expect(starting).rejects.toThrow('as its `signal` was aborted');
		for (let turn = 0; turn < turns; turn += 1) await nextTurn();
		abort.abort();
		await ended;
	}
	expect(forked).not.toContain(true);
});
