/** Finds the daemons that have outlived their callers, by their entries in the registry. */
import { basename } from 'node:path';
import { UnsupportedPlatformError } from '../errors.ts';
import { hasCode } from '../os/errno.ts';
import { whyBlind } from '../process/table.ts';
import { readEntry } from '../registry/entry.ts';
import type { LaunchRecord, ReleasedRecord, RunRecord } from '../registry/fact.ts';
import type { HeldFolder } from '../registry/held-folder.ts';
import { forReleased, nameCheckout, nameReleased } from '../registry/released.ts';

/** A daemon as its entry describes it. It may be dead. */
export interface Released {
	readonly record: ReleasedRecord;
	readonly run: RunRecord;
	readonly launched: LaunchRecord;
	/** Its private folder; undefined if that is kept when the daemon ends. */
	readonly folder: string | undefined;
}

/**
 * @throws {@link RegistryError} if another user could have written to the registry; {@link UnsupportedPlatformError} if
 * there is no /proc.
 */
export function findReleased(checkout: string, name: string): Released | undefined {
	assertSighted();
	return forReleased(checkout, folder => read(folder, nameReleased(name))).flat()[0];
}

/** All of a checkout, or of all checkouts of this user, in the order of their starts. */
export function listReleased(checkout?: string): Released[] {
	assertSighted();
	const found = forReleased(checkout, folder => folder.list().flatMap(name => read(folder, name))).flat();
	return found.sort((one, other) => one.record.startedAt - other.record.startedAt);
}

/** Without /proc, a daemon that runs would be taken for one that a reboot has ended. */
function assertSighted(): void {
	const why = whyBlind();
	if (why !== undefined) throw new UnsupportedPlatformError('a service', 'Linux', `withdaemon needs /proc, but ${why}`);
}

/** Empty for what no release could have written: an entry is believed only in its own place. */
function read(folder: HeldFolder, file: string): Released[] {
	if (!file.endsWith('.jsonl')) return [];
	try {
		const { folders, runs, launches, released: record } = readEntry(folder.path(file));
		const run = runs.at(-1);
		const launched = launches.get(run?.marker ?? '');
		if (record === undefined || run === undefined || launched === undefined) return [];
		const isInPlace = nameReleased(record.name) === file && nameCheckout(record.checkout) === basename(folder.name);
		return isInPlace ? [{ record, run, launched, folder: folders.at(-1) }] : [];
	} catch (error) {
		// Another command has stopped it meanwhile.
		if (hasCode(error, 'ENOENT')) return [];
		throw error;
	}
}
