/** Starts a group of daemons, uses it, ends it, and makes sure that nothing of it is left. */
import { seenFromCallOf } from './call-site.ts';
import { throwAll } from './error-text.ts';
import { DaemonExitedError } from './errors.ts';
import { checkGroup } from './group/check.ts';
import type { Checked, DaemonGroup, GroupOptions, UseGroup } from './group/member.ts';
import type { GroupInUse } from './group/running.ts';
import { keepAlive, unlessAborted } from './time/deadline.ts';

/**
 * Runs `fn` with a group of daemons that are ready, and ends them afterwards, whatever happens. A member is started
 * when all that it depends on are ready, and ended when all that depend on it have ended; what does not depend on each
 * other goes in parallel. Resolves with the result of `fn`.
 *
 * @param group a record of members by their names: options as for `withDaemon`, and `dependsOn`, `task` and `exports`.
 * @param fn gets the members, a signal that aborts when one of them dies, and what all of them export.
 * @param options the limit of the whole start, in ms, and a signal that ends the group.
 * @example
 * await withDaemons({ db, api: { ...api, dependsOn: 'db' } }, async ({ api }) => {
 *   await fetch(`http://127.0.0.1:${api.port}/`);
 * });
 *
 * @throws {@link InvalidOptionError} that names every problem of every member, before anything is started; the error of
 * the member that failed first; {@link DaemonExitedError} as soon as a member dies; the error of `fn`. Errors of the
 * teardown are added in an `AggregateError`.
 */
export async function withDaemons<const G extends DaemonGroup, T>(
	group: G & Checked<G>,
	fn: UseGroup<G, T>,
	options?: GroupOptions,
): Promise<T> {
	return await seenFromCallOf(withDaemons, async () => {
		const more = typeof fn === 'function' ? [] : [WITHOUT_FUNCTION];
		const checked = checkGroup(group, options, more);
		const { startGroup } = await import('./group/running.ts');
		return await use<G, T>(await startGroup(checked), fn);
	});
}

const WITHOUT_FUNCTION =
	'`withDaemons` needs a function as its second argument: for a group that goes on without one there is ' +
	'`startDaemons`.';

async function use<G extends DaemonGroup, T>(inUse: GroupInUse, fn: UseGroup<G, T>): Promise<T> {
	const { signal, exports } = inUse;
	// A set, as a death that has ended `fn` is reported again afterwards.
	const failures = new Set<unknown>();
	const note = (error: unknown) => {
		failures.add(error);
		inUse.noteFailure(error);
	};
	const running = Promise.resolve().then(() => fn(inUse.toObject<G>(), { signal, exports }));
	const result = await keepAlive(unlessAborted(running, signal)).catch(note);
	const isExplained = [...failures].some(failure => failure instanceof DaemonExitedError);
	for (const death of await inUse.takeDeaths(failures.size > 0 && !isExplained)) note(death);
	for (const error of await inUse.end()) failures.add(error);
	throwAll([...failures]);
	return result as T;
}
