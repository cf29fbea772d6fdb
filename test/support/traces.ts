/** What a test and its daemons can leave, seen from outside: processes, files, folders. */
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathsBelow, removeFolder } from './fixtures.ts';
import { isGone } from './processes.ts';
import { onTestFinished } from './this-test.ts';

export interface Traces {
	/** Whatever the test puts here must be gone, too. */
	readonly folder: string;
	/** What is there now, but was not before: processes with their command, and paths. */
	left(): string[];
}

/**
 * What comes into the temporary folder of the test file from here on, until the test removes it at its end. The files
 * of a daemon are in there, and its path is in the environment of the daemon, of the launcher and of all that they
 * fork.
 */
export function watchTraces(): Traces {
	const folder = tmpdir();
	const before = new Set(leftWith(folder));
	const left = () => leftWith(folder).filter(trace => !before.has(trace));
	onTestFinished(async () => {
		for (const trace of left()) if (dirname(trace) === folder) await removeFolder(trace);
	});
	return { folder, left };
}

/** What is left of callers that had this folder for their temporary files. */
export function leftWith(folder: string): string[] {
	return [...processesOf(folder), ...pathsIn(folder)];
}

/** The registry exists as long as its caller, the test run, but must be empty. */
function pathsIn(folder: string): string[] {
	const registry = `withdaemon-${process.getuid?.()}`;
	const names = readdirSync(folder).filter(name => name !== registry);
	return [...names, ...pathsBelow(join(folder, registry)).filter(isEntry)].map(name => join(folder, name));
}

const isEntry = (name: string) => name.endsWith('.jsonl');

function processesOf(folder: string): string[] {
	const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
	const ours = pids.filter(pid => read(`/proc/${pid}/environ`).includes(`TMPDIR=${folder}\0`) && !isGone(pid));
	const commands = ours.map(pid => `process ${pid}: ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()}`);
	// The reaper belongs to the caller and ends last. A process that is about to end has no command any more.
	return commands.filter(command => !/withdaemon:reaper|: rmdir |: $/.test(command));
}

function read(path: string): string {
	try {
		return readFileSync(path, 'latin1');
	} catch {
		// ENOENT, ESRCH: gone by now. EACCES: another user's, started by somebody else.
		return '';
	}
}
