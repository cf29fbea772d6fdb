/** Cleans up after a dead caller, with the same ladder as a teardown for each of its daemons. */
import { rmSync } from 'node:fs';
import type { DaemonProcess } from '../../launch/daemon-process.ts';
import { removeStalePidFile } from '../../pid-file/remove-stale.ts';
import { isRunning } from '../../process/identity.ts';
import { SINCE_BOOT } from '../../process/process-info.ts';
import { type CallerFolder, openCallerFolder, removeCallerFolder } from '../../registry/caller-folder.ts';
import { type Facts, readEntry } from '../../registry/entry.ts';
import type { AskedRecord, RunRecord } from '../../registry/fact.ts';
import { isOwnFolder } from '../../registry/ownership.ts';
import { attachToRun, toRequest } from '../../registry/recorded-run.ts';
import { stopSurvivors } from '../../teardown/ladder.ts';
import { Teardown } from '../../teardown/teardown.ts';
import { removeFolder } from '../../temporary-folder.ts';

/** A daemon without a caller gets less time to end, as the next run may need its port. */
const LONGEST_ASKING_MS = 5000;

/**
 * An entry that could not be handled, as with ENFILE, stays for the next sweep. All others are removed.
 *
 * @throws {@link RegistryError} if another user could have written there: then it does nothing.
 */
export async function cleanUp({ path, isFromBefore }: CallerFolder): Promise<void> {
	const folder = openCallerFolder(path);
	const entries = folder.list().map(name => folder.path(name));
	const results = await Promise.allSettled(entries.map(entry => cleanUpAfter(entry, isFromBefore)));
	folder.close();
	if (results.every(({ status }) => status === 'fulfilled')) removeCallerFolder(path);
}

async function cleanUpAfter(entry: string, isFromBefore: boolean): Promise<void> {
	const facts = readEntry(entry);
	const { folders, runs } = facts;
	await Promise.all(runs.map(run => endRun(run, facts, isFromBefore)));
	// EACCES: the folder has files of another user, which cannot be removed.
	await Promise.allSettled(folders.filter(isOwnFolder).map(removeFolder));
	rmSync(entry, { force: true, recursive: true });
}

async function endRun(record: RunRecord, { launches, asked: all }: Facts, isFromBefore: boolean): Promise<void> {
	const launched = launches.get(record.marker);
	if (!isFromBefore) {
		const isAsked = ({ pid, startTime }: AskedRecord) =>
			pid === launched?.identity.pid && startTime === launched.identity.startTime;
		const asked = all.find(isAsked);
		const daemon = launched && attachToRun(record, launched, asked);
		if (daemon) await tearDown(record, daemon, asked);
		// The caller died during the launch: the marker finds all processes, including the launcher.
		else await stopSurvivors({ since: SINCE_BOOT, marker: record.marker, isLauncherAlive: false });
	}
	await removeStalePidFile(record.pidFile, launched !== undefined);
}

async function tearDown(record: RunRecord, daemon: DaemonProcess, asked: AskedRecord | undefined): Promise<void> {
	const { name, killMode, shutdownTimeout } = record;
	const options = { name, killMode, shutdownTimeout: Math.min(shutdownTimeout, LONGEST_ASKING_MS) };
	const teardown = new Teardown(daemon, options, NO_WITNESS);
	const isToEnd = asked !== undefined || isRunning(daemon.identity);
	await teardown.run(isToEnd ? teardown.ask(toRequest(record), asked) : Promise.resolve());
	await daemon.dismiss();
}

/** The caller is dead, so nobody would see evidence. */
const NO_WITNESS = { log: undefined, notifications: undefined, describe: () => [] };
