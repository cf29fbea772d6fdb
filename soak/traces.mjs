/** Finds processes that are left, in /proc and without the library, which is on trial here. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** ENOENT, ESRCH: gone by now. EACCES: another user's. @param {string} path */
function read(path) {
	try {
		return readFileSync(path, 'latin1');
	} catch {
		return '';
	}
}

/** Undefined if it is gone, or a zombie. @param {number} pid */
export function lookAt(pid) {
	const stat = read(`/proc/${pid}/stat`);
	// The name in parentheses may contain anything; field 3 comes after it.
	const [state = '', ppid, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return /^[^ZX]/.test(state) ? { ppid: Number(ppid), start: fields[17] ?? '' } : undefined;
}

/**
 * @typedef {object} Note what `daemon.sh` writes down about itself
 * @property {number} cycle
 * @property {number} pid
 * @property {string} start field 22 of /proc/PID/stat: a pid is reused, but not together with its start time
 * @property {string} mode
 */

/** Those of the notes that are true still. @param {string} file @returns {Note[]} */
export function findNoted(file) {
	const lines = read(file).split('\n').slice(0, -1);
	const notes = lines.map(line => {
		const [cycle, pid, start = '', mode = ''] = line.split(' ');
		return { cycle: Number(cycle), pid: Number(pid), start, mode };
	});
	return notes.filter(({ pid, start }) => lookAt(pid)?.start === start);
}

/** The living processes whose command line or environment contains this. @param {string} text */
export function findMarked(text) {
	return listLiving().filter(({ pid }) => readText(pid).includes(text));
}

/**
 * The same, and those that may contain it: in the midst of execve(2) a process has neither command line nor environment
 * for a moment. @param {string} text
 */
export function findPerhapsMarked(text) {
	const isKernel = (/** @type {{ pid: number, ppid: number }} */ { pid, ppid }) => pid === 2 || ppid === 2;
	return listLiving().filter(process => {
		const found = readText(process.pid);
		return found.includes(text) || (found === '' && !isKernel(process) && lookAt(process.pid) !== undefined);
	});
}

/** @param {number} pid */
function readText(pid) {
	const readEnvironment = () => read(`/proc/${pid}/environ`);
	// If the first look came too early for an environment, its arguments tell whether the second one has.
	const before = readEnvironment();
	return `${readArguments(pid)} ${before || readEnvironment()}`.trim();
}

/** The reapers among the children of a process. @param {number} parent */
export function findReapers(parent) {
	const isReaper = (/** @type {number} */ pid) => /withdaemon:reaper|reaper\/main\.js/.test(readArguments(pid));
	return listLiving().filter(({ pid, ppid }) => ppid === parent && isReaper(pid));
}

function listLiving() {
	const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name));
	return pids.flatMap(pid => {
		const facts = lookAt(Number(pid));
		return facts ? [{ pid: Number(pid), ...facts }] : [];
	});
}

/** One line, as some have whole scripts in it. @param {number} pid */
export const commandOf = pid => readArguments(pid).replaceAll(/\s+/g, ' ').slice(0, 200);

/** @param {number} pid */
const readArguments = pid => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();

/**
 * Files and empty folders, also below a folder in which others come and go.
 *
 * @param {string} folder @returns {string[]}
 */
export function listFiles(folder) {
	try {
		const entries = readdirSync(folder, { withFileTypes: true });
		return entries.flatMap(entry => {
			const path = join(folder, entry.name);
			const below = entry.isDirectory() ? listFiles(path) : [];
			return below.length === 0 ? [path] : below;
		});
	} catch {
		// ENOENT: gone by now.
		return [];
	}
}

/** SIGKILL. @param {number} pid */
export function kill(pid) {
	try {
		process.kill(pid, 'SIGKILL');
	} catch {
		// ESRCH: gone by now.
	}
}

/**
 * Waits until the check holds, or for so many ms. Answers whether it does.
 *
 * @param {() => boolean} check @param {number}
 * ms
 */
export async function until(check, ms) {
	const endsAt = performance.now() + ms;
	for (let pauseMs = 5; !check(); pauseMs = Math.min(2 * pauseMs, 80)) {
		if (performance.now() > endsAt) return false;
		await new Promise(resolve => setTimeout(resolve, pauseMs));
	}
	return true;
}
