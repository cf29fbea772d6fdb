/** Registers this caller: makes its folder, starts its reaper, and sweeps away what dead callers left. */
import type { Spawned } from '../launch/spawn.ts';
import { makeCallerFolder, nameCallerFolder } from '../registry/caller-folder.ts';
import type { LaunchListener } from '../registry/entry.ts';
import { type HeldFolder, RegistryError } from '../registry/held-folder.ts';
import { spawnReaper } from './spawn-reaper.ts';
import { type Sweep, sweep } from './sweep.ts';
import { type Slots, tellOf } from './tell-of.ts';

/** There is one per thread, as a thread can end by itself. */
interface Presence {
	readonly path: string;
	/** Undefined until it exists and was checked. It stays open, as the entries of living daemons use it. */
	folder: HeldFolder | undefined;
	reaper: Spawned | undefined;
	/** Undefined if the caller could not look for dead callers. */
	sweep: Sweep | undefined;
	/** The daemons that the reaper was told about, by their slots. */
	readonly slots: Slots;
}

/** A caller in the registry, as a start sees it. */
export interface Registered {
	readonly folder: string;
	readonly sweep: Sweep | undefined;
	/** Tells the reaper of the daemons that it can ask to end while it sleeps. */
	readonly reaper: LaunchListener;
}

/** Test runners load the library anew for every file: its copies in a thread share this property of `process`. */
const KEY = Symbol.for('withdaemon.presence.4');
const shared = process as { [KEY]?: Promise<Presence> | undefined };

/**
 * Resolves to the caller's place in the registry, when its reaper runs: from then on the caller may die at any moment.
 *
 * @throws {@link RegistryError}, or a system error.
 */
export async function registerCaller(): Promise<Registered> {
	shared[KEY] ??= enter();
	const entering = shared[KEY];
	const forget = () => {
		if (shared[KEY] === entering) shared[KEY] = undefined;
	};
	try {
		const presence = await entering;
		// EAGAIN: the last reaper could not be replaced.
		if (presence.reaper === undefined) await keepReaperAlive(presence);
		if (presence.folder?.isInPlace()) return toRegistered(presence, presence.folder);
		// A temp-folder cleaner removed it, and another user may have made what is there now.
		leave(presence);
	} catch (error) {
		forget();
		throw error;
	}
	forget();
	return await registerCaller();
}

function toRegistered(presence: Presence, folder: HeldFolder): Registered {
	const reaper = tellOf(presence.slots, line => void presence.reaper?.socket(0).write(line));
	return { folder: folder.path(''), sweep: presence.sweep, reaper };
}

/** The reaper comes before the folder: a caller that dies in between leaves neither. */
async function enter(): Promise<Presence> {
	const presence: Presence = {
		path: nameCallerFolder(),
		folder: undefined,
		reaper: undefined,
		sweep: undefined,
		slots: [],
	};
	await keepReaperAlive(presence);
	try {
		presence.folder = makeCallerFolder(presence.path);
		entrust(presence);
	} catch (error) {
		// After any other error, such as EMFILE, the reaper removes what there is of the way to the folder.
		if (error instanceof RegistryError) tell(presence, 'refused');
		leave(presence);
		throw error;
	}
	try {
		presence.sweep = sweep();
		presence.sweep.over.catch(() => {});
	} catch {
		// EMFILE: this start must not fail because of what others left.
	}
	return presence;
}

/** Tells the reaper whether the folder is safe. Before that, the reaper obeys nothing in it. */
function tell({ reaper }: Presence, word: 'ready' | 'refused'): void {
	reaper?.socket(0).write(`${word}\n`);
}

/** To the reaper it seems as if the caller were dead. */
function leave({ reaper }: Presence): void {
	reaper?.socket(0).end();
}

async function keepReaperAlive(presence: Presence): Promise<void> {
	const reaper = await spawnReaper(presence.path);
	presence.reaper = reaper;
	if (presence.folder) entrust(presence);
	reaper.onGone(signal => {
		presence.reaper = undefined;
		// Without a signal the reaper has exited as it should; with one, somebody has killed it.
		if (signal === null) return;
		keepReaperAlive(presence).catch(() => {
			// EAGAIN, ENOMEM: the next start tries again, and reports the error.
		});
	});
}

/** From here on the reaper cleans up what is noted in the folder when the caller dies. */
function entrust(presence: Presence): void {
	tell(presence, 'ready');
	for (const daemon of presence.slots) if (daemon) presence.reaper?.socket(0).write(daemon.line);
	if (!isForkedByVitest()) return;
	// Nothing else tells a worker that vitest has ended; a worker whose test hangs would stay until the test's time is
	// over.
	const orphaned = () => leave(presence);
	process.once('disconnect', orphaned);
	presence.reaper?.onGone(() => process.off('disconnect', orphaned));
}

/** False for children of a worker, which inherit its environment but may close their channel and live on. */
function isForkedByVitest(): boolean {
	return process.connected === true && '__vitest_worker__' in globalThis;
}
