/**
 * The folders in which released daemons are noted, by their checkout and their name. These daemons belong to no caller,
 * so no reaper and no sweep looks here.
 */
import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { locateRegistry } from './folder.ts';
import { HeldFolder } from './held-folder.ts';

/** The name has no dots, so it differs from the folders of machines in the registry. */
const RELEASED = 'released';

/**
 * Opens the folder of a checkout, `released/HASH` in the registry, and makes it if necessary. The caller has to close
 * it.
 *
 * @param checkout an absolute path: two checkouts never share a folder.
 * @throws {@link RegistryError} if another user could have written there; a system error.
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

/** The file name of a daemon's entry. The daemon's own name may contain a slash, or be too long for a file. */
export function nameReleased(daemon: string): string {
	const hash = createHash('sha256').update(daemon).digest('hex').slice(0, 16);
	return `${daemon.replaceAll(/[^\w.-]/g, '_').slice(0, 100)}-${hash}.jsonl`;
}
