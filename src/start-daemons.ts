/** Starts a group of daemons that depend on each other, and ends it as a whole. */
import { checkedAtCallOf, seenFromCallOf } from './call-site.ts';
import { throwAll } from './error-text.ts';
import { checkGroup } from './group/check.ts';
import type { Checked, DaemonGroup, GroupOptions } from './group/member.ts';
import type { RunningGroup } from './group/running-member.ts';

/**
 * Checks a group at once and returns it as it is, for configurations. Nothing is started.
 *
 * @throws {@link InvalidOptionError} that names every problem of every member, circles and unknown names included.
 */
export function defineDaemons<const G extends DaemonGroup>(group: G & Checked<G>): G {
	checkedAtCallOf(defineDaemons, () => checkGroup(group));
	return group;
}

/**
 * Starts a group and resolves with its members when all are ready. Use it with `await using`, or call its
 * `[Symbol.asyncDispose]()`: this ends the members, dependents first, and proves that nothing is left of them.
 *
 * @param options the limit of the whole start, in ms, and a signal that ends the group.
 * @example
 * await using daemons = await startDaemons({ db, api: { ...api, dependsOn: 'db' } });
 * daemons.db.port;
 *
 * @throws {@link InvalidOptionError} before anything is started; otherwise the error of the member that failed first,
 * when everything was ended. Errors of the teardown are added in an `AggregateError`.
 */
export async function startDaemons<const G extends DaemonGroup>(
	group: G & Checked<G>,
	options?: GroupOptions,
): Promise<RunningGroup<G> & AsyncDisposable> {
	return await seenFromCallOf(startDaemons, async () => {
		const checked = checkGroup(group, options);
		const { startGroup } = await import('./group/running.ts');
		const inUse = await startGroup(checked);
		const dispose = async (): Promise<void> => {
			await seenFromCallOf(dispose, async () => throwAll(await inUse.end()));
		};
		return Object.defineProperty(inUse.toObject<G>(), Symbol.asyncDispose, { value: dispose }) as RunningGroup<G> &
			AsyncDisposable;
	});
}
