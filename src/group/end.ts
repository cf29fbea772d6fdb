/** Ends the members of a group: each as soon as all that depend on it have ended. */
import type { RunningDaemon } from '../start-daemon.ts';
import { type Graph, reversed } from './graph.ts';
import type { Tell } from './tell.ts';

/** Returns the errors of the teardowns, in the order in which they became known, each once. */
export async function endMembers(
	graph: Graph,
	running: ReadonlyMap<string, RunningDaemon>,
	tell: Tell,
): Promise<unknown[]> {
	const errors: unknown[] = [];
	await endInOrder(graph, running.keys(), async name => {
		const daemon = running.get(name);
		if (daemon === undefined) return;
		const isThere = !daemon.isOver();
		if (isThere) tell({ name, state: 'stopping', daemon });
		const error: unknown = await daemon[Symbol.asyncDispose]().then(
			() => undefined,
			reason => reason,
		);
		if (error !== undefined) errors.push(...flat(error));
		if (isThere) tell({ name, state: daemon.state, daemon, error });
	});
	return [...new Set(errors)];
}

/** Calls `end` for each name once, as soon as it has resolved for all that depend on it. */
export async function endInOrder(
	graph: Graph,
	names: Iterable<string>,
	end: (name: string) => Promise<void>,
): Promise<void> {
	const dependents = reversed(graph);
	const ending = new Map<string, Promise<void>>();
	const endOnce = (name: string): Promise<void> => {
		const before = () => Promise.all((dependents.get(name) ?? []).map(endOnce));
		const begun = ending.get(name) ?? before().then(() => end(name));
		ending.set(name, begun);
		return begun;
	};
	await Promise.all([...names].map(endOnce));
}

/** The errors that one daemon has thrown together. */
const flat = (error: unknown): unknown[] => (error instanceof AggregateError ? error.errors : [error]);
