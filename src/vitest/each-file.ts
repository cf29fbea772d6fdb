/** What `daemonSetup` adds to the setup files: each test hears of the deaths and has the logs of the run's daemons. */
import * as vitest from 'vitest';
import { RemoteDaemon } from '../hooks/remote-daemon.ts';
import { showLogIfFailed } from '../hooks/show-log.ts';
import type { Whereabouts } from '../hooks/whereabouts.ts';
import { hooked } from './hooked-test.ts';
import { EXPORTS, WHEREABOUTS } from './provided.ts';
import { endAtDeath, forEachTest, type Test } from './test-run.ts';

const known = new Map<string, RemoteDaemon>();

function find(whereabouts: Whereabouts): RemoteDaemon {
	const key = JSON.stringify(whereabouts);
	const daemon = known.get(key) ?? new RemoteDaemon(whereabouts);
	known.set(key, daemon);
	return daemon;
}

/** @returns tells whether the test that has failed has to be told of the daemon's death. */
function watch(task: Test, daemon: RemoteDaemon): () => Promise<boolean> {
	const stop = daemon.watch();
	showLogIfFailed(hooked(task), daemon, false);
	// A test that begins after the death may do without the daemon; if it fails, it shows the death.
	const isTold = daemon.signal.aborted ? () => false : endAtDeath(task, daemon);
	let wasTold = false;
	task.context.onTestFinished(() => {
		wasTold = isTold();
		stop();
	});
	return async () => !wasTold && (await daemon.hasDied(true));
}

const provided = <T>(key: string): T | undefined => vitest.inject(key as never);

Object.assign(process.env, provided<Record<string, string>>(EXPORTS));

forEachTest(test => {
	// Without isolation a worker runs the tests of several projects.
	const all = Object.values(provided<Readonly<Record<string, Whereabouts | undefined>>>(WHEREABOUTS) ?? {});
	const daemons = all.filter(whereabouts => whereabouts !== undefined).map(find);
	const looks = daemons.map(daemon => watch(test, daemon));
	test.context.onTestFailed(async () => {
		// All at once, as a death may still be on its way.
		const haveDied = await Promise.all(looks.map(hasDied => hasDied()));
		const deaths = daemons.filter((_, index) => haveDied[index]).map(({ signal }) => signal.reason.message);
		for (const death of deaths) hooked(test).append(death);
	}, 0);
});
