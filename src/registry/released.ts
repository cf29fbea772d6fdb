/**
 * Where released daemons are noted: by their checkout and their name. They belong to no caller, so no reaper and no sweep
 * of dead callers looks here.
 */
import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { locateRegistry } from './folder.ts';
import { HeldFolder } from './held-folder.ts';

/** It has no dots, so no machine's folder in the registry has this name. */
const RELEASED = 'released';

/**
 * The folder of a checkout, `released/HASH` in the registry; it is made if there is none. To be closed.
 *
 * @param checkout an absolute path: two checkouts never share a folder.
 * @throws {@link RegistryError} if anybody else could have written there; a system error.
 */
export function openReleased(checkout: string): HeldFolder {
	const registry = locateRegistry();
	const name = createHash('sha256').update(checkout).digest('hex').slice(0, 32);
	let held = HeldFolder.holdParent(dirname(registry));
	for (const level of [basename(registry), RELEASED, name]) {
		const parent = held;
		try {
			held = parent.make(level);
		} finally {
			parent.close();
		}
	}
	return held;
}

/** The file name of a daemon's entry: a name may hold a slash, or be too long for a file. */
export function nameReleased(daemon: string): string {
	const hash = createHash('sha256').update(daemon).digest('hex').slice(0, 16);
	return `${daemon.replaceAll(/[^\w.-]/g, '_').slice(0, 100)}-${hash}.jsonl`;
}
