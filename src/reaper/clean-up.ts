/** Cleans up after a caller that is dead: the same ladder as in a teardown, for each of its daemons. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { adopt } from '../launch/launched.ts';
import { Lifetime } from '../lifetime.ts';
import { PidFile } from '../pid-file.ts';
import { EVERYBODY } from '../process/facts.ts';
import { type CallerFolder, removeCallerFolder } from '../registry/caller.ts';
import { type Facts, type LaunchRecord, type LifeRecord, type RecordedRequest, readEntry } from '../registry/entry.ts';
import type { Request } from '../teardown/ask.ts';
import { stopSurvivors } from '../teardown/ladder.ts';
import type { KillMode } from '../teardown/signal-daemon.ts';
import { removeFolder } from '../temporary-folder.ts';

/** Nobody waits for what it might want to write down, but the next run may need its port. */
const LONGEST_ASKING_MS = 5000;

/** Everything is done that can be done when it resolves, and nothing tells of it any more. */
export async function cleanUp({ path, isFromBefore }: CallerFolder): Promise<void> {
	const entries = readdirSync(path);
	await Promise.allSettled(entries.map(async name => cleanUpAfter(readEntry(join(path, name)), isFromBefore)));
	removeCallerFolder(path);
}

async function cleanUpAfter({ folders, lives, launches }: Facts, isFromBefore: boolean): Promise<void> {
	const ends = lives.map(life => endLife(life, launches.get(life.marker), isFromBefore));
	await Promise.allSettled(ends);
	await Promise.allSettled(folders.map(removeFolder));
}

async function endLife(record: LifeRecord, launched: LaunchRecord | undefined, isFromBefore: boolean): Promise<void> {
	if (!isFromBefore) {
		if (launched === undefined)
			// Its caller died while it was launched: whoever has the marker is found, the launcher too.
			await stopSurvivors({ since: EVERYBODY, marker: record.marker, isHeld: false });
		else await tearDown(record, launched);
	}
	const pidFile = new PidFile(record.pidFile);
	if (launched && pidFile.livingPid === undefined) pidFile.delete(launched.identity.pid);
}

async function tearDown(
	{ name, marker, killMode, shutdownTimeout, request }: LifeRecord,
	launched: LaunchRecord,
): Promise<void> {
	const daemon = adopt(launched.identity, { ...launched, marker });
	const options = { name, killMode, shutdownTimeout: Math.min(shutdownTimeout, LONGEST_ASKING_MS) };
	const life = new Lifetime(daemon, options, undefined, undefined);
	await life.tearDown(life.isRunning() ? life.askToEnd(toRequest(request, killMode)) : Promise.resolve());
	await daemon.dismiss();
}

function toRequest(request: RecordedRequest, killMode: KillMode): Request {
	if (request.kind === 'signal') return { ...request, killMode };
	const added = Object.entries(request.env).map(([name, value]) => [name, value ?? undefined]);
	return { kind: 'program', program: { ...request, env: { ...process.env, ...Object.fromEntries(added) } } };
}
