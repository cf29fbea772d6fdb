/** This caller in the registry: its folder, the reaper that watches over it, and what dead runs have left swept away. */
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { makeCallerFolder } from '../registry/caller.ts';
import { startReaper } from './asleep.ts';
import { sweep } from './sweep.ts';

/** One per thread, as a thread can end by itself. */
interface Presence {
	readonly folder: string;
	/** What others have left is no reason for our own start to fail. */
	readonly swept: Promise<void>;
	reaper: Promise<ChildProcess> | undefined;
}

/** Test runners load the library anew for every file: what its copies in a thread share is at `process`. */
const KEY = Symbol.for('withdaemon.presence.1');
const shared = process as { [KEY]?: Presence | undefined };

/**
 * Resolves to the folder, when there is a reaper: from then on the caller may die at any moment.
 *
 * @throws {@link RegistryError}, or a system error.
 */
export async function enterRegistry(): Promise<string> {
	// Who tidies up the folder for temporary files has removed it.
	if (shared[KEY] && !existsSync(shared[KEY].folder)) await leave(shared[KEY]);
	shared[KEY] ??= { folder: makeCallerFolder(), swept: sweep().catch(() => undefined), reaper: undefined };
	const presence = shared[KEY];
	await watchOver(presence);
	await presence.swept;
	return presence.folder;
}

async function watchOver(presence: Presence): Promise<void> {
	presence.reaper ??= startReaper(presence.folder);
	try {
		const reaper = await presence.reaper;
		// Of its own accord it goes only after us: somebody has killed it.
		if (reaper.listenerCount('exit') === 0) reaper.once('exit', () => replace(presence));
	} catch (error) {
		presence.reaper = undefined;
		throw error;
	}
}

function replace(presence: Presence): void {
	presence.reaper = undefined;
	if (shared[KEY] !== presence) return;
	// EAGAIN, ENOMEM: the next start tries again, and says so.
	watchOver(presence).catch(() => undefined);
}

async function leave(presence: Presence): Promise<void> {
	shared[KEY] = undefined;
	(await presence.reaper)?.stdin?.end();
}
