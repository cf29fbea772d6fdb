import { expect, test } from 'vitest';
import type { Run } from '../../src/lifecycle/run.ts';
import { Runs } from '../../src/lifecycle/runs.ts';

/** Runs of these markers by their names, one after the other, none of which ends by itself; and what is done with them. */
function begin(markers: Readonly<Record<string, string>>) {
	const runs = new Runs();
	const done: string[] = [];
	for (const [name, marker] of Object.entries(markers)) {
		const process = { marker, dismiss: async () => void done.push(`${name} dismissed`) };
		const run = async () => {
			done.push(`${name} torn down`);
			return { leaks: [] };
		};
		const teardown = { isOver: () => false, run };
		runs.begin({ process, teardown, timeline: {}, takeBadEnd: () => undefined } as unknown as Run);
	}
	return { runs, done };
}

test('a daemon that was followed from its command is torn down once', async () => {
	const { runs, done } = begin({ command: '1', daemon: '1' });
	await runs.end(Promise.resolve());
	expect(done).toEqual(['daemon torn down']);
});

test('the run before a restart is torn down after the present one, and then its launcher may go', async () => {
	const { runs, done } = begin({ first: '1', second: '2' });
	await runs.end(Promise.resolve());
	expect(done).toEqual(['second torn down', 'first torn down', 'first dismissed']);
	await runs.end(Promise.resolve());
	expect(done.slice(3)).toEqual(['second torn down']);
});
