/** A probe, as users give it to the option `ready`: a description, from which each start makes a check of its own. */
import type { Log } from '../log/log.ts';
import type { Notifications } from '../sockets/notifications.ts';
import type { Check } from './check.ts';

/** What a probe is made of. */
export interface ProbeDescription<Given = unknown> {
	/** The name of the function that users call, such as `listening`. */
	readonly name: string;
	/** What users gave it. At each start the placeholders in its strings are filled in, however deep they are. */
	readonly given: Given;
	/** One sentence for each problem of what users gave. With any, the daemon is refused before anything is started. */
	readonly problems?: readonly string[];
	/** Whether it needs the daemon's log. */
	readonly readsLog?: boolean;
	/** Whether the daemon needs a NOTIFY_SOCKET for it. */
	readonly hearsDaemon?: boolean;
	/** The descriptor to which the daemon writes a line for it. */
	readonly descriptor?: number | undefined;
	/** Whether it waits for an event, after which it stays true. Its check needs no `look` then. */
	readonly isEvent?: boolean;
	/** The probes that it is made of. */
	readonly parts?: readonly Probe[];
	/** Makes the check of one start. */
	begin(given: Given, start: ProbedStart): Check;
}

/** The start that a check belongs to. */
export interface ProbedStart {
	/** The daemon's name. */
	readonly name: string;
	readonly log: Log | undefined;
	/** The daemon's working directory, where its relative paths begin. */
	readonly cwd: string;
	/** The daemon's environment. */
	readonly env: NodeJS.ProcessEnv;
	/** What the daemon says about itself; undefined if the start failed before its launch. */
	readonly notifications: Notifications | undefined;
	/** Makes the check of another probe, for a probe that has parts. */
	begin(probe: Probe): Check;
}

/** One condition of readiness, such as `logged('ready')`. It has no state, so several daemons can have the same one. */
export class Probe {
	readonly #description: ProbeDescription;

	/** @internal */
	constructor(description: ProbeDescription) {
		this.#description = description;
		Object.freeze(this);
	}

	/** @internal */
	static describe(probe: Probe): ProbeDescription {
		return probe.#description;
	}
}

/** The descriptions of a probe and of all its parts. */
export function descriptionsIn(probe: Probe): ProbeDescription[] {
	const description = Probe.describe(probe);
	return [description, ...(description.parts ?? []).flatMap(descriptionsIn)];
}

/** Makes a probe. The type of what is given holds in its `begin`, too. */
export function makeProbe<Given>(description: ProbeDescription<Given>): Probe {
	return new Probe(description);
}
