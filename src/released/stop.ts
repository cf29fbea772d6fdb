/** Stops released daemons of a checkout, dependents first. */
import { endInOrder } from '../group/end.ts';
import { removeEmpty } from '../registry/released.ts';
import { whyAway } from './condition.ts';
import { type Ending, endReleased } from './end.ts';
import { findReleased, listReleased, type Released } from './find.ts';
import { lockDaemons, type OnWait } from './lock.ts';

export interface StopRequest {
	readonly checkout: string;
	/** Names of daemons. Those that do not run are passed over. */
	readonly names: readonly string[];
	/** Whether to stop the other daemons of the checkout, too. */
	readonly all: boolean;
	/** Its abort ends the wait for other commands. */
	readonly signal: AbortSignal;
	readonly onWait?: OnWait;
	/** Is called when one of them has ended, or was found dead. */
	onEnded?(ending: Ending): void;
	/** Is called with the reason if one of them cannot be stopped from here. */
	onAway?(name: string, why: string): void;
}

/** Resolves with the endings of those that had an entry, when nothing is left of them. */
export async function stopReleased(request: StopRequest): Promise<Ending[]> {
	const { checkout, names, all, signal, onWait, onEnded, onAway } = request;
	const wanted = [...names, ...(all ? listReleased(checkout).map(({ record }) => record.name) : [])];
	const release = await lockDaemons(checkout, wanted, 'stop', { signal, onWait });
	try {
		const found = [...new Set(wanted)].map(name => findReleased(checkout, name)).filter(one => one !== undefined);
		for (const released of found) {
			const why = whyAway(released);
			if (why !== undefined) onAway?.(released.record.name, why);
		}
		return await endAll(found, onEnded);
	} finally {
		// A start that was killed may have left the folder of the checkout.
		removeEmpty(checkout);
		release();
	}
}

/** Call this with the locks of all. A daemon in another container stays: its processes cannot be seen from here. */
export async function endAll(all: readonly Released[], onEnded?: (ending: Ending) => void): Promise<Ending[]> {
	const endings: Ending[] = [];
	const here = all.filter(released => whyAway(released) === undefined);
	const graph = new Map(here.map(({ record }) => [record.name, record.dependsOn]));
	await endInOrder(graph, graph.keys(), async name => {
		const released = here.find(({ record }) => record.name === name);
		const ending = released && (await endReleased(released));
		if (ending === undefined) return;
		endings.push(ending);
		onEnded?.(ending);
	});
	return endings;
}
