import { expect, test } from 'vitest';
import type { Run } from '../../src/lifecycle/run.ts';
import { Runs } from '../../src/lifecycle/runs.ts';

/** Runs that never end by themselves, and what was done with them. */
function watched() {
	const done: string[] = [];
	const newRun = (name: string, marker: string) =>
		({
			process: { marker, dismiss: async () => void done.push(`${name} dismissed`) },
			timeline: {},
			takeBadEnd: () => undefined,
			teardown: {
				isOver: () => false,
				run: async () => {
					done.push(`${name} torn down`);
					return { leaks: [] };
				},
			},
		}) as unknown as Run;
	return { done, newRun };
}

test('a daemon that was followed from its command is torn down once', async () => {
	const { done, newRun } = watched();
	const runs = new Runs();
	runs.begin(newRun('command', '1'));
	runs.begin(newRun('daemon', '1'));
	await runs.end(Promise.resolve());
	expect(done).toEqual(['daemon torn down']);
});

test('the run before a restart is torn down after the present one, and then its launcher may go', async () => {
	const { done, newRun } = watched();
	const runs = new Runs();
	runs.begin(newRun('first', '1'));
	runs.begin(newRun('second', '2'));
	await runs.end(Promise.resolve());
	expect(done).toEqual(['second torn down', 'first torn down', 'first dismissed']);
	await runs.end(Promise.resolve());
	expect(done.slice(3)).toEqual(['second torn down']);
});
