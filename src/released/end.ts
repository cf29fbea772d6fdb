/** Ends a released daemon from another process, as a teardown does, and proves that nothing of it is left. */

import { dirname } from 'node:path';
import { UNKNOWN_EXIT } from '../error-text.ts';
import { type DaemonError, DaemonExitedError } from '../errors.ts';
import { describeListeners } from '../evidence/listeners.ts';
import { NOTHING_TO_END, type TeardownReport, teardownError } from '../evidence/teardown-failure.ts';
import { describeCondition, describeLog, describeTimeline, hintsForSignal, Timeline } from '../evidence/timeline.ts';
import { type DaemonProcess, processesOf } from '../launch/daemon-process.ts';
import { Log } from '../log/log.ts';
import { hasCode } from '../os/errno.ts';
import { removeStalePidFile } from '../pid-file/remove-stale.ts';
import { findOpen } from '../ports/open.ts';
import { registerCaller } from '../reaper/register-caller.ts';
import { Entry } from '../registry/entry.ts';
import { isOwnFolder } from '../registry/ownership.ts';
import { attachToRun, toRequest } from '../registry/recorded-run.ts';
import { forReleased, nameReleased, removeEmpty } from '../registry/released.ts';
import { removeAbandoned } from '../sockets/unix.ts';
import { stopSurvivors } from '../teardown/ladder.ts';
import { Teardown, type Witness } from '../teardown/teardown.ts';
import { removeFolder } from '../temporary-folder.ts';
import { now, wallClock } from '../time/clock.ts';
import { isFromBefore, whyGone } from './condition.ts';
import type { Released } from './find.ts';
import { portsOf } from './ports.ts';

/** How a released daemon has ended. */
export interface Ending {
	readonly released: Released;
	/** Why it did not run any more; undefined if it was running. */
	readonly wasGone: string | undefined;
	/** Ms until nothing was left. */
	readonly took: number;
	/** Its death, the use of force, or what it has left. */
	readonly error: DaemonError | undefined;
	/** Whether nothing of it is left now. */
	readonly isOver: boolean;
}

/**
 * Call this with the lock of the daemon. It belongs to this caller first: if that is killed, its reaper goes on.
 * Undefined if there is no entry any more.
 */
export async function endReleased(released: Released): Promise<Ending | undefined> {
	const startedAt = now();
	const entry = await takeOver(released);
	if (entry === undefined) return undefined;
	const { record, run, folder } = released;
	const wasGone = whyGone(released);
	const end = isFromBefore(released) ? { report: NOTHING_TO_END, isOver: true } : await tearDown(released);
	await removeStalePidFile(run.pidFile, true);
	const error = toError(released, end.report, wasGone);
	// Otherwise the reaper tries again, once this caller has ended.
	if (end.isOver) {
		for (const path of record.sockets) await removeAbandoned(path);
		if (folder !== undefined && isOwnFolder(folder)) await removeFolder(folder);
		entry.remove();
		removeEmpty(record.checkout);
	}
	return { released, wasGone, took: now() - startedAt, error, isOver: end.isOver };
}

async function takeOver({ record: { checkout, name } }: Released): Promise<Entry | undefined> {
	const { folder } = await registerCaller();
	try {
		return forReleased(checkout, held => Entry.take(held.path(nameReleased(name)), folder))[0];
	} catch (error) {
		if (hasCode(error, 'ENOENT')) return undefined;
		throw error;
	}
}

async function tearDown(released: Released): Promise<{ readonly report: TeardownReport; readonly isOver: boolean }> {
	const { record, run, launched } = released;
	const daemon = attachToRun(run, launched);
	if (daemon === undefined) {
		const leaks = await stopSurvivors({ since: launched.since, marker: run.marker, isLauncherAlive: false });
		return { report: { ...NOTHING_TO_END, leaks }, isOver: leaks.every(({ endedBy }) => endedBy !== undefined) };
	}
	const wasRunning = whyGone(released) === undefined;
	const { killMode, shutdownTimeout } = run;
	const { name, diagnosticSignal } = record;
	const options = { name, killMode, shutdownTimeout, diagnosticSignal };
	const teardown = new Teardown(daemon, options, toWitness(released, daemon));
	const outcome = await teardown.run(wasRunning ? teardown.ask(toRequest(run)) : Promise.resolve());
	const isOver = teardown.isOver();
	if (isOver) await daemon.dismiss();
	// Long after the end of a daemon its port may be another program's.
	const openPorts = isOver && wasRunning ? await findOpenPorts(released) : [];
	return { report: { ...NOTHING_TO_END, ...outcome, openPorts }, isOver };
}

function toWitness({ record: { startedAt, readyAfter, log } }: Released, daemon: DaemonProcess): Witness {
	const output = log && logOf(log, () => daemon.exited);
	const launchedAt = now() - (wallClock() - startedAt);
	const before = { launchedAt, readyAt: launchedAt + readyAfter };
	const timeline = new Timeline(daemon.identity, output, () => processesOf(daemon), before);
	return {
		log: output,
		// Its socket was closed when the daemon was released.
		notifications: undefined,
		describe: signal => [
			...(signal === undefined ? [] : hintsForSignal(timeline, signal)),
			describeTimeline(timeline),
			...describeCondition(timeline),
			...describeLog(output),
		],
	};
}

/** The log of a daemon that another process started. */
export function logOf(
	{ path, offset }: { readonly path: string; readonly offset: number },
	over: () => Promise<unknown>,
): Log {
	const log = new Log(path, { name: dirname(path), timeout: 0 }, over);
	log.continueAt(offset);
	return log;
}

/** A port that is open although nothing of the daemon is left belongs to another program. */
async function findOpenPorts({ record }: Released): Promise<TeardownReport['openPorts']> {
	const open = await findOpen(portsOf(record));
	return open.map(one => ({ ...one, evidence: describeListeners(one.port, one.protocol) }));
}

/** A reboot is no fault of the daemon. */
function toError(released: Released, report: TeardownReport, wasGone: string | undefined): DaemonError | undefined {
	const { name, log } = released.record;
	const error = teardownError(name, report);
	if (wasGone === undefined || isFromBefore(released)) return error;
	const last = describeLog(log && logOf(log, () => Promise.resolve()));
	return new DaemonExitedError(name, UNKNOWN_EXIT, { evidence: [...(error?.evidence ?? []), ...last] });
}
