/** Cleans up after a dead caller, with the same ladder as a teardown for each of its daemons. */
import { rmSync } from 'node:fs';
import { attach } from '../../launch/attach.ts';
import { lockPidFile } from '../../pid-file/lock.ts';
import { PidFile } from '../../pid-file/pid-file.ts';
import { isRunning, type ProcessIdentity } from '../../process/identity.ts';
import { SINCE_BOOT } from '../../process/process-info.ts';
import { sendSignal } from '../../process/signals.ts';
import { type CallerFolder, openCallerFolder, removeCallerFolder } from '../../registry/caller-folder.ts';
import { readEntry } from '../../registry/entry.ts';
import type { LaunchRecord, RecordedRequest, RunRecord } from '../../registry/fact.ts';
import { findSurvivors } from '../../survivors/find.ts';
import { KILL_MS } from '../../survivors/kill-all.ts';
import { stopSurvivors } from '../../teardown/ladder.ts';
import type { Request } from '../../teardown/request.ts';
import type { KillMode } from '../../teardown/signal-daemon.ts';
import { Teardown } from '../../teardown/teardown.ts';
import { removeFolder } from '../../temporary-folder.ts';
import { Deadline } from '../../time/deadline.ts';
import { pollUntil } from '../../time/poll.ts';
import { isOwnFolder, isOwnProcess } from './ownership.ts';

/** A daemon without a caller gets less time to end, as the next run may need its port. */
const LONGEST_ASKING_MS = 5000;
/** How long the members of its group and session may take to end after it. */
const FOLLOW_MS = 1000;
const LOCK_MS = 1000;

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
	const { folders, runs, launches } = readEntry(entry);
	await Promise.all(runs.map(run => endRun(run, launches.get(run.marker), isFromBefore)));
	// EACCES: the folder has files of another user, which cannot be removed.
	await Promise.allSettled(folders.filter(isOwnFolder).map(removeFolder));
	rmSync(entry, { force: true, recursive: true });
}

async function endRun(record: RunRecord, launched: LaunchRecord | undefined, isFromBefore: boolean): Promise<void> {
	if (!isFromBefore) {
		if (
			launched === undefined ||
			![launched.identity, launched.launcher].every(each => isOwnProcess(each, record.marker))
		)
			// The caller died during the launch: the marker finds all processes, including the launcher.
			await stopSurvivors({ since: SINCE_BOOT, marker: record.marker, isLauncherAlive: false });
		else await tearDown(record, launched);
	}
	await removePidFile(record.pidFile, launched !== undefined);
}

async function tearDown(record: RunRecord, launched: LaunchRecord): Promise<void> {
	const { name, marker, killMode, shutdownTimeout, request } = record;
	const daemon = attach(launched.identity, { ...launched, marker });
	const options = { name, killMode, shutdownTimeout: Math.min(shutdownTimeout, LONGEST_ASKING_MS) };
	const teardown = new Teardown(daemon, options, NO_WITNESS);
	// As the caller is dead, the launcher ends with its daemon, and then group and session prove nothing any more.
	const known = findSurvivors({ since: launched.since, marker, isLauncherAlive: daemon.isLauncherAlive() });
	await teardown.run(isRunning(daemon.identity) ? teardown.ask(toRequest(request, killMode)) : Promise.resolve());
	await daemon.dismiss();
	if (await areGone(known, FOLLOW_MS)) return;
	for (const survivor of known) if (isRunning(survivor)) sendSignal(survivor.pid, 'SIGKILL');
	await areGone(known, KILL_MS);
}

/** The caller is dead, so nobody would see evidence. */
const NO_WITNESS = { log: undefined, describe: () => [] };

async function areGone(processes: readonly ProcessIdentity[], ms: number): Promise<boolean> {
	const deadline = new Deadline(ms);
	try {
		await pollUntil(() => !processes.some(isRunning), deadline.signal);
		return true;
	} catch (error) {
		if (!deadline.signal.aborted) throw error;
		return false;
	} finally {
		deadline.clear();
	}
}

function toRequest(request: RecordedRequest, killMode: KillMode): Request {
	if (request.kind === 'signal') return { ...request, killMode };
	const added = Object.entries(request.env).map(([name, value]) => [name, value ?? undefined]);
	return { kind: 'program', program: { ...request, env: { ...process.env, ...Object.fromEntries(added) } } };
}

/** Takes the lock, as another caller may be about to write the pid of its own daemon. */
async function removePidFile(path: string, wasLaunched: boolean): Promise<void> {
	const deadline = new Deadline(LOCK_MS);
	const release = await lockPidFile(path, deadline.signal).catch(() => undefined);
	deadline.clear();
	const pidFile = new PidFile(path);
	try {
		// The daemon may have written something else there.
		if (wasLaunched) pidFile.deleteStale();
		if (release) pidFile.deleteDrafts();
	} catch {
		// ENOENT: its folder is gone. EACCES: not even the daemon's caller could remove it now.
	} finally {
		release?.();
	}
}
