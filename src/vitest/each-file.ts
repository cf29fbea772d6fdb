/** What `daemonSetup` adds to the setup files: each test hears of the deaths and has the logs of the run's daemons. */
import * as vitest from 'vitest';
import { DistantDaemon } from '../hooks/distant-daemon.ts';
import { showLogIfFailed } from '../hooks/show-log.ts';
import type { Whereabouts } from '../hooks/whereabouts.ts';
import { hooked } from './hooked-test.ts';
import { EXPORTS, WHEREABOUTS } from './provided.ts';
import { endAtDeath, forEachTest, type Test } from './test-run.ts';

const known = new Map<string, DistantDaemon>();

function find(whereabouts: Whereabouts): DistantDaemon {
	const key = JSON.stringify(whereabouts);
	const daemon = known.get(key) ?? new DistantDaemon(whereabouts);
	known.set(key, daemon);
	return daemon;
}

function watch(task: Test, daemon: DistantDaemon): void {
	const test = hooked(task);
	const stop = daemon.watch();
	showLogIfFailed(test, daemon, false);
	// A test that begins after the death may do without the daemon; if it fails, it is told.
	const isTold = daemon.signal.aborted ? () => false : endAtDeath(task, daemon);
	let wasTold = false;
	task.context.onTestFinished(() => {
		wasTold = isTold();
		stop();
	});
	task.context.onTestFailed(async () => {
		if (!wasTold && (await daemon.hasDied(true))) test.append(daemon.signal.reason.message);
	}, 0);
}

const provided = <T>(key: string): T | undefined => vitest.inject(key as never);

Object.assign(process.env, provided<Record<string, string>>(EXPORTS));

forEachTest(test => {
	// Without isolation a worker runs the tests of several projects.
	const all = Object.values(provided<Readonly<Record<string, Whereabouts | undefined>>>(WHEREABOUTS) ?? {});
	for (const whereabouts of all) if (whereabouts) watch(test, find(whereabouts));
});
