/** This caller in the registry: its folder, the reaper that watches over it, and what dead runs have left swept away. */
import type { Spawned } from '../launch/spawn.ts';
import { makeCallerFolder, nameCallerFolder } from '../registry/caller-folder.ts';
import type { HeldFolder } from '../registry/held-folder.ts';
import { spawnReaper } from './spawn-reaper.ts';
import { type Sweep, sweep } from './sweep.ts';

/** One per thread, as a thread can end by itself. */
interface Presence {
	readonly path: string;
	/** Undefined until it is there, and known to be ours alone. Never closed: the entries of living daemons go by it. */
	folder: HeldFolder | undefined;
	reaper: Spawned | undefined;
	/** Undefined if nobody could look for what dead runs have left. */
	sweep: Sweep | undefined;
}

/** A caller in the registry, as a start sees it. */
export interface Registered {
	readonly folder: string;
	readonly sweep: Sweep | undefined;
}

/** Test runners load the library anew for every file: what its copies in a thread share is at `process`. */
const KEY = Symbol.for('withdaemon.presence.3');
const shared = process as { [KEY]?: Promise<Presence> | undefined };

/**
 * Resolves to the caller's place in the registry, when there is a reaper: from then on the caller may die at any moment.
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
		// EAGAIN, when the last one was to be replaced.
		if (presence.reaper === undefined) await keepReaperAlive(presence);
		if (presence.folder?.isInPlace()) return { folder: presence.folder.path(''), sweep: presence.sweep };
		// Who tidies up the folder for temporary files has removed it. What is there now may be anybody's.
		leave(presence);
	} catch (error) {
		forget();
		throw error;
	}
	forget();
	return await registerCaller();
}

/** The reaper comes before the folder: a caller that dies in between leaves neither. */
async function enter(): Promise<Presence> {
	const presence: Presence = { path: nameCallerFolder(), folder: undefined, reaper: undefined, sweep: undefined };
	await keepReaperAlive(presence);
	try {
		presence.folder = makeCallerFolder(presence.path);
		entrust(presence);
	} catch (error) {
		tell(presence, 'refused');
		leave(presence);
		throw error;
	}
	try {
		presence.sweep = sweep();
		presence.sweep.over.catch(() => {});
	} catch {
		// EMFILE: what others have left is no reason for our own start to fail.
	}
	return presence;
}

/** Whether the folder is the caller's: a reaper that has not heard so obeys nothing that stands there. */
function tell({ reaper }: Presence, word: 'ready' | 'refused'): void {
	reaper?.socket(0).write(`${word}\n`);
}

/** For the reaper it is as if the caller were dead. */
function leave({ reaper }: Presence): void {
	reaper?.socket(0).end();
}

async function keepReaperAlive(presence: Presence): Promise<void> {
	const reaper = await spawnReaper(presence.path);
	presence.reaper = reaper;
	if (presence.folder) entrust(presence);
	void reaper.gone.then(signal => {
		presence.reaper = undefined;
		// Of its own accord it goes only after us, or when it was told to: somebody has killed it.
		if (signal === null) return;
		keepReaperAlive(presence).catch(() => {
			// EAGAIN, ENOMEM: the next start tries again, and says so.
		});
	});
}

/** From here on the reaper cleans up what is noted in the folder, as soon as it has to. */
function entrust(presence: Presence): void {
	tell(presence, 'ready');
	if (!isForkedByVitest()) return;
	// It is not told of vitest's end: where a test hangs it stays until the test's time is over.
	const orphaned = () => leave(presence);
	process.once('disconnect', orphaned);
	void presence.reaper?.gone.then(() => process.off('disconnect', orphaned));
}

/** Not what such a worker starts itself, which inherits its environment: it may close a channel of its own and live on. */
function isForkedByVitest(): boolean {
	return process.connected === true && '__vitest_worker__' in globalThis;
}
