/** This caller in the registry: its folder, the reaper that watches over it, and what dead runs have left swept away. */
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { makeCallerFolder, nameCallerFolder } from '../registry/caller.ts';
import { startReaper } from './asleep.ts';
import { sweep } from './sweep.ts';

/** One per thread, as a thread can end by itself. */
interface Presence {
	readonly folder: string;
	reaper: ChildProcess | undefined;
}

/** Test runners load the library anew for every file: what its copies in a thread share is at `process`. */
const KEY = Symbol.for('withdaemon.presence.1');
const shared = process as { [KEY]?: Promise<Presence> | undefined };

/**
 * Resolves to the folder, when there is a reaper: from then on the caller may die at any moment.
 *
 * @throws {@link RegistryError}, or a system error.
 */
export async function enterRegistry(): Promise<string> {
	shared[KEY] ??= enter();
	const entering = shared[KEY];
	const forget = () => {
		if (shared[KEY] === entering) shared[KEY] = undefined;
	};
	try {
		const presence = await entering;
		// EAGAIN, when the last one was to be replaced.
		if (presence.reaper === undefined) await watchOver(presence);
		if (existsSync(presence.folder)) return presence.folder;
		// Who tidies up the folder for temporary files has removed it.
		leave(presence);
	} catch (error) {
		forget();
		throw error;
	}
	forget();
	return await enterRegistry();
}

/** The reaper comes before the folder: a caller that dies in between leaves neither. */
async function enter(): Promise<Presence> {
	const presence: Presence = { folder: nameCallerFolder(), reaper: undefined };
	await watchOver(presence);
	try {
		makeCallerFolder(presence.folder);
	} catch (error) {
		leave(presence);
		throw error;
	}
	await sweep().catch(() => {
		// What others have left is no reason for our own start to fail.
	});
	return presence;
}

/** For the reaper it is as if the caller were dead. */
function leave({ reaper }: Presence): void {
	reaper?.stdin?.end();
}

async function watchOver(presence: Presence): Promise<void> {
	const reaper = await startReaper(presence.folder);
	presence.reaper = reaper;
	const orphaned = () => leave(presence);
	// A worker that vitest has forked is not told of vitest's end: where a test hangs it stays until the test's time is over.
	if (process.env['VITEST'] && process.connected) process.once('disconnect', orphaned);
	reaper.once('exit', () => {
		process.off('disconnect', orphaned);
		presence.reaper = undefined;
		// Of its own accord it goes only after us, or when it was told to: somebody has killed it.
		if (reaper.signalCode === null) return;
		watchOver(presence).catch(() => {
			// EAGAIN, ENOMEM: the next start tries again, and says so.
		});
	});
}
