/** Removes what dead runs have left, and only that. */
import { existsSync } from 'node:fs';
import type { ProcessIdentity } from '../process/identity.ts';
import { registerCaller } from '../reaper/register-caller.ts';
import { removeEmpty } from '../registry/released.ts';
import { whyAway, whyGone } from './condition.ts';
import { type Ending, endReleased } from './end.ts';
import { findReleased, listReleased, type Released } from './find.ts';
import { lockDaemons, type OnWait } from './lock.ts';

export interface Cleaned {
	/** Callers that were dead, and whose reaper had been killed too. */
	readonly callers: readonly ProcessIdentity[];
	readonly endings: readonly Ending[];
}

/**
 * Cleans up in all checkouts of this user. A released daemon is left of a dead run if it has died, if the machine has
 * rebooted since, or if its checkout is gone, as then no command can find it by its name any more.
 */
export async function cleanReleased(signal: AbortSignal, onWait?: OnWait): Promise<Cleaned> {
	// First, as it throws where no process can be seen.
	const left = listReleased().filter(isLeft);
	const { sweep } = await registerCaller();
	await sweep?.over;
	const endings: Ending[] = [];
	for (const { record } of left) {
		const release = await lockDaemons(record.checkout, [record.name], 'clean', { signal, onWait });
		try {
			// Another command may have started it anew.
			const released = findReleased(record.checkout, record.name);
			const ending = released && isLeft(released) ? await endReleased(released) : undefined;
			if (ending) endings.push(ending);
		} finally {
			release();
		}
	}
	removeEmpty();
	return { callers: sweep?.callers ?? [], endings };
}

function isLeft(released: Released): boolean {
	if (whyAway(released) !== undefined) return false;
	return whyGone(released) !== undefined || !existsSync(released.record.checkout);
}
