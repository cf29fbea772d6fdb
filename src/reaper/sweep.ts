/** What dead runs have left, because their reaper was killed too: cleaned before a new run starts its first daemon. */
import { spawn } from 'node:child_process';
import { isRunning } from '../process/identity.ts';
import { type CallerFolder, findDeadCallers } from '../registry/caller.ts';
import { Deadline } from '../time/deadline.ts';
import { pollUntil } from '../time/poll.ts';
import { cleanEnvironment } from './environment.ts';
import { program } from './program.ts';

/** Longer than most daemons take to end, and no reason for a start to fail: who does not end is cleaned up all the same. */
export const LONGEST_SWEEP_MS = 3000;

/** Resolves when nothing is left of them, or when that takes too long. A reaper that is at work is waited for, too. */
export async function sweep(): Promise<void> {
	const found = findDeadCallers();
	for (const { path, cleaner } of found) {
		if (cleaner && isRunning(cleaner)) continue;
		const options = { cwd: '/', env: cleanEnvironment(), detached: true, stdio: 'ignore' } as const;
		// EAGAIN, ENOMEM: the next run tries again.
		spawn(process.execPath, [program, path], options)
			.on('error', () => {})
			.unref();
	}
	const isFound = ({ id }: CallerFolder) => found.some(folder => folder.id === id);
	const deadline = new Deadline(LONGEST_SWEEP_MS);
	await pollUntil(() => !findDeadCallers().some(isFound), deadline.signal).catch(() => deadline.signal.aborted);
	deadline.clear();
}
