/**
 * The folders in which released daemons are noted, by their checkout and their name. These daemons belong to no caller,
 * so no reaper and no sweep looks here.
 */
import { basename, dirname, join } from 'node:path';
import { crypto } from '../builtins.ts';
import { hasCode } from '../os/errno.ts';
import { locateRegistry } from './folder.ts';
import { descend, type HeldFolder, makeAndDescend, RegistryError, removeWhileEmpty } from './held-folder.ts';

/** The name has no dots, so it differs from the folders of machines in the registry. */
const RELEASED = 'released';

/** What a checkout is called in the registry. */
const CHECKOUT = /^[0-9a-f]{32}$/;

/**
 * Opens the folder of a checkout, `released/HASH` in the registry, and makes it if necessary. The caller has to close
 * it.
 *
 * @param checkout an absolute path: two checkouts never share a folder.
 * @throws {@link RegistryError} if another user could have written there; a system error.
 */
export function openReleased(checkout: string, registry: string = locateRegistry()): HeldFolder {
	return makeAndDescend(...levelsOf(registry, nameCheckout(checkout)));
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
		const folder = ifThere(() => descend(...levelsOf(registry, name)), checkout === undefined);
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
	for (const name of names) removeWhileEmpty([join(registry, RELEASED, name), join(registry, RELEASED), registry]);
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
	const released = ifThere(() => descend(...levelsOf(registry)), false);
	if (released === undefined) return [];
	try {
		return released.list().filter(name => CHECKOUT.test(name));
	} finally {
		released.close();
	}
}

function ifThere(open: () => HeldFolder, isAny: boolean): HeldFolder | undefined {
	try {
		return open();
	} catch (error) {
		if (hasCode(error, 'ENOENT') || (isAny && error instanceof RegistryError)) return undefined;
		throw error;
	}
}

/** The folder above the registry, and the levels below it: to the folder of a checkout, or of them all. */
function levelsOf(registry: string, checkout?: string): readonly [parent: string, levels: readonly string[]] {
	return [dirname(registry), [basename(registry), RELEASED, ...(checkout === undefined ? [] : [checkout])]];
}
