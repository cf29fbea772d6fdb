/**
 * The folders in which released daemons are noted, by their checkout and their name. These daemons belong to no caller,
 * so no reaper and no sweep looks here.
 */
import { rmdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { crypto } from '../builtins.ts';
import { hasCode } from '../os/errno.ts';
import { locateRegistry } from './folder.ts';
import { HeldFolder, RegistryError } from './held-folder.ts';

/** The name has no dots, so it differs from the folders of machines in the registry. */
const RELEASED = 'released';

/** What a checkout is called in the registry. */
const CHECKOUT = /^[0-9a-f]{32}$/;
/** Other commands may remove the folder of a checkout at most this often in a row. */
const MOST_ATTEMPTS = 100;

/**
 * Opens the folder of a checkout, `released/HASH` in the registry, and makes it if necessary. The caller has to close
 * it.
 *
 * @param checkout an absolute path: two checkouts never share a folder.
 * @throws {@link RegistryError} if another user could have written there; a system error.
 */
export function openReleased(checkout: string, registry: string = locateRegistry()): HeldFolder {
	for (let attempt = 1; ; attempt += 1) {
		try {
			return descend(registry, nameCheckout(checkout), (folder, child) => folder.make(child));
		} catch (error) {
			// The last daemon of this user has gone meanwhile, and the folders with it.
			if (attempt === MOST_ATTEMPTS || !hasCode(error, 'ENOENT')) throw error;
		}
	}
}

/**
 * Calls `act` with the folder of a checkout, and of every checkout if none is given. Folders that do not exist are
 * passed over, and so are those that another user could have written to, unless the checkout was given.
 *
 * @throws {@link RegistryError}
 */
export function forReleased<T>(checkout: string | undefined, act: (folder: HeldFolder) => T): T[] {
	const registry = locateRegistry();
	const names = checkout === undefined ? listCheckouts(registry) : [nameCheckout(checkout)];
	return names.flatMap(name => {
		const folder = ifThere(() => descend(registry, name, enter), checkout === undefined);
		if (folder === undefined) return [];
		try {
			return [act(folder)];
		} finally {
			folder.close();
		}
	});
}

/** Removes the folder of a checkout, or of every checkout, and those above it, each if it is empty. */
export function removeEmpty(checkout?: string, registry: string = locateRegistry()): void {
	const names = checkout === undefined ? listCheckouts(registry) : [nameCheckout(checkout)];
	for (const name of names) removeEmptyFolders(join(registry, RELEASED, name));
}

function removeEmptyFolders(path: string): void {
	for (const folder of [path, dirname(path), dirname(dirname(path))]) {
		try {
			rmdirSync(folder);
		} catch {
			// ENOTEMPTY: there are other daemons. ENOENT: another command has removed it.
			return;
		}
	}
}

/** The file name of a daemon's entry. The daemon's own name may contain a slash, or be too long for a file. */
export function nameReleased(daemon: string): string {
	const hash = crypto().createHash('sha256').update(daemon).digest('hex').slice(0, 16);
	return `${daemon.replaceAll(/[^\w.-]/g, '_').slice(0, 100)}-${hash}.jsonl`;
}

/** The name of the folder of a checkout. */
export const nameCheckout = (checkout: string): string =>
	crypto().createHash('sha256').update(checkout).digest('hex').slice(0, 32);

function listCheckouts(registry: string): string[] {
	const released = ifThere(() => descend(registry, undefined, enter), false);
	if (released === undefined) return [];
	try {
		return released.list().filter(name => CHECKOUT.test(name));
	} finally {
		released.close();
	}
}

const enter = (folder: HeldFolder, child: string) => folder.enter(child);

function ifThere(open: () => HeldFolder, isAny: boolean): HeldFolder | undefined {
	try {
		return open();
	} catch (error) {
		if (hasCode(error, 'ENOENT') || (isAny && error instanceof RegistryError)) return undefined;
		throw error;
	}
}

/** Each level is checked, and held until the next level is held. */
function descend(
	registry: string,
	checkout: string | undefined,
	step: (folder: HeldFolder, child: string) => HeldFolder,
): HeldFolder {
	let held = HeldFolder.holdParent(dirname(registry));
	for (const level of [basename(registry), RELEASED, ...(checkout === undefined ? [] : [checkout])]) {
		const parent = held;
		try {
			held = step(parent, level);
		} finally {
			parent.close();
		}
	}
	return held;
}
