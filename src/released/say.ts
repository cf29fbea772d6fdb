/** What is said on stderr when another command or a dead daemon is in the way. */
import type { Ending } from './end.ts';
import { nameWorker, type OnWait } from './lock.ts';

export const sayWaiting: OnWait = (name, worker) => {
	console.error(`${name}: waiting for ${nameWorker(worker)} to be done with it`);
};

/** Says that a dead daemon, which was in the way of a start, has been removed. */
export function sayTidied({ released: { record }, wasGone, error }: Ending): void {
	console.error(error?.message ?? `${record.name}: ${wasGone}; what was left of it has been removed`);
}
