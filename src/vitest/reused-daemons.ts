/** Daemons that outlive the run of vitest, and that the next one finds again. */
import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { findConfig } from '../config/find.ts';
import type { DaemonGroup } from '../index.ts';
import { namedPorts } from '../ports/named.ts';
import { whyGone } from '../released/condition.ts';
import { findReleased, type Released } from '../released/find.ts';
import { sayTidied, sayWaiting } from '../released/say.ts';
import { type Started, startReleased } from '../released/start.ts';
import type { DaemonOfRun, DaemonsOfRun } from './daemons-of-run.ts';

/** Where a group comes from, and so where the program `withdaemon` looks for its daemons. */
interface Source {
	/** The root of vitest. */
	readonly root: string;
	/** The config file, unless the group is in the code of the user. */
	readonly file: string | undefined;
}

/**
 * Starts those that do not run yet, and none twice, even if two runs begin at the same time.
 *
 * @throws what a start throws, and an {@link AlreadyRunningError} that says what differs if a daemon of that name runs
 * with another definition.
 */
export async function reuseForRun(group: DaemonGroup, { root, file }: Source): Promise<DaemonsOfRun> {
	const config = file ?? (await findConfig(root));
	const checkout = realpathSync(config === undefined ? root : dirname(config));
	// vitest leaves at a signal, and with it ends what was not released yet.
	const { signal } = new AbortController();
	const told = { onWait: sayWaiting, onTidied: sayTidied };
	const started = await startReleased({
		checkout,
		group,
		signal,
		...told,
		...(file === undefined && { remedy: stop }),
	});
	const released = started.flatMap(one => one.released ?? []);
	const tasks = Object.keys(group).filter(name => !released.some(({ record }) => record.name === name));
	return {
		all: [
			...released.map(describe),
			...tasks.map(name =>
				describeTask(
					name,
					started.find(one => one.name === name),
				),
			),
		],
		areThere: () => released.every(one => isAsItWas(one, findReleased(checkout, one.record.name))),
		end: async () => {
			// They stay.
		},
	};
}

/** `withdaemon restart` knows only what is in a config file. */
const stop = (name: string) => `\`withdaemon stop ${name}\` ends it, and the next run starts it anew`;

function describe({ record, launched }: Released): DaemonOfRun {
	const { name, ports, captures, exports, log } = record;
	return {
		name,
		provided: {
			pid: launched.identity.pid,
			port: ports['port'],
			ports: namedPorts(Object.entries(ports)),
			captures,
			exports,
		},
		whereabouts: {
			name,
			logFile: log?.path,
			death: { identity: launched.identity, logOffset: log?.offset ?? 0 },
		},
	};
}

/** A task that was not done again has nothing to tell. */
function describeTask(name: string, done: Started | undefined): DaemonOfRun {
	const { captures = {}, exports = {} } = done ?? {};
	return { name, provided: { pid: undefined, port: undefined, ports: {}, captures, exports }, whereabouts: undefined };
}

const isAsItWas = (before: Released, now: Released | undefined) =>
	now !== undefined && now.run.marker === before.run.marker && whyGone(now) === undefined;
