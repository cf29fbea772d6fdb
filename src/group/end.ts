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
	const dependents = reversed(graph);
	const errors: unknown[] = [];
	const ending = new Map<string, Promise<void>>();
	const end = async (name: string) => {
		await Promise.all((dependents.get(name) ?? []).map(endOnce));
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
	};
	const endOnce = (name: string) => {
		const begun = ending.get(name) ?? end(name);
		ending.set(name, begun);
		return begun;
	};
	await Promise.all([...running.keys()].map(endOnce));
	return [...new Set(errors)];
}

/** The errors that one daemon has thrown together. */
const flat = (error: unknown): unknown[] => (error instanceof AggregateError ? error.errors : [error]);
