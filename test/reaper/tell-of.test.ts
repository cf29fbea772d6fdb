import { expect, test } from 'vitest';
import { type Slots, tellOf } from '../../src/reaper/tell-of.ts';
import type { RunRecord } from '../../src/registry/fact.ts';

const marker = '0123456789abcdef';
const request = { kind: 'signal', signal: 'SIGINT' } as const;
const run: RunRecord = { name: 'x', marker, pidFile: '/pid', request, killMode: 'process', shutdownTimeout: 1000 };

function launchOf(pid: number, startTime = '7') {
	const launcher = { pid: pid - 1, startTime };
	return { marker, identity: { pid, startTime }, launcher, since: { pid: pid - 1, forks: 1 } };
}

test('there is one line for each launch, and slots are used again', () => {
	const slots: Slots = [];
	const lines: string[] = [];
	const reaper = tellOf(slots, line => lines.push(line));
	reaper.launched('a', run, launchOf(42));
	reaper.launched('b', run, launchOf(44));
	reaper.over('a');
	reaper.over('unknown');
	reaper.launched('c', run, launchOf(46));
	reaper.launched('b', run, launchOf(48));
	reaper.launched('d', run, launchOf(50));
	expect(lines).toEqual([
		'1 a 42 7 41 process 2\n',
		'2 b 44 7 43 process 2\n',
		'1 c 46 7 45 process 2\n',
		'2 b 48 7 47 process 2\n',
		'3 d 50 7 49 process 2\n',
	]);
	expect(slots.map(slot => slot?.id)).toEqual(['c', 'b', 'd']);
});

test('a daemon that the reaper cannot ask has no slot, and empties the one of the process before it', () => {
	const slots: Slots = [];
	const lines: string[] = [];
	const reaper = tellOf(slots, line => lines.push(line));
	reaper.launched('a', run, launchOf(42, 'ended at once'));
	reaper.launched('b', run, launchOf(44));
	reaper.launched('b', run, launchOf(46, 'ended at once'));
	expect(lines).toEqual(['1 b 44 7 43 process 2\n', '1\n']);
	expect(slots).toEqual([undefined]);
});
