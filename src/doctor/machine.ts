/** What the kernel and the shell of this machine give to daemons. */
import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { types } from 'node:util';
import { messageOf } from '../error-text.ts';
import { listPids, readLinks } from '../process/procfs.ts';
import { whyBlind } from '../process/table.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

export async function examineMachine(): Promise<Finding[]> {
	return [examineProc(), examineShell(), examineInotify(), ...examineLimits(), await examineKoffi()];
}

function examineProc(): Finding {
	const why = whyBlind();
	if (why !== undefined) return fail('processes', `/proc cannot be used: ${why}`, 'let processes see /proc');
	if (process.platform !== 'linux') return ok('processes', 'ps(1) lists them');
	const others = readText('/proc/1/stat') === undefined;
	if (!others) return ok('processes', '/proc shows them all');
	return ok('processes', '/proc hides those of other users (hidepid); your own are seen, and no others are needed');
}

/** The launcher is a shell script. */
function examineShell(): Finding {
	const { status, stdout, error } = spawnSync('/bin/sh', ['-c', 'echo "$((6 * 7))"'], { encoding: 'utf8' });
	if (status !== 0 || stdout !== '42\n')
		return fail(
			'shell',
			`/bin/sh does not work${error ? ` (${error.message})` : ''}`,
			'install a POSIX shell as /bin/sh',
		);
	return ok('shell', `/bin/sh is ${realpathSync('/bin/sh')}`);
}

/** Without a file watch, the log is polled every few ms. */
function examineInotify(): Finding {
	const what = 'file watches';
	const instances = number('/proc/sys/fs/inotify/max_user_instances');
	const watches = number('/proc/sys/fs/inotify/max_user_watches');
	const limits =
		instances === undefined
			? ''
			: `; ${countInstances()} of ${instances} inotify instances of this user, and ${watches} watches at most`;
	try {
		watch(tmpdir(), { persistent: false }).close();
		return ok(what, `work${limits}`);
	} catch (error) {
		const remedy =
			'end programs that watch files, or raise fs.inotify.max_user_instances and max_user_watches by sysctl';
		return warn(what, `do not work, so logs are polled (${messageOf(error)})${limits}`, remedy);
	}
}

/** Counts the inotify instances of all processes that may be looked at, which are those of this user. */
function countInstances(): number {
	const links = listPids().flatMap(pid => readLinks(`/proc/${pid}/fd`));
	return links.filter(target => target === 'anon_inode:inotify').length;
}

const FEW_FILES = 1024;
const FEW_PROCESSES = 256;

/** The soft limits of getrlimit(2), which a daemon inherits. */
function examineLimits(): Finding[] {
	const text = readText('/proc/self/limits');
	if (text === undefined) return [];
	const soft = (name: string) =>
		Number(new RegExp(`^${name} +(\\d+)`, 'm').exec(text)?.[1] ?? Number.POSITIVE_INFINITY);
	const [files, processes, size] = [soft('Max open files'), soft('Max processes'), soft('Max file size')];
	return [
		files < FEW_FILES
			? warn('open files', `at most ${files}`, `raise the limit, as by \`ulimit -n ${FEW_FILES}\``)
			: ok('open files', `at most ${files}`),
		processes < FEW_PROCESSES
			? warn('number of processes', `at most ${processes} of this user`, `raise the limit, as by \`ulimit -u\``)
			: ok('number of processes', Number.isFinite(processes) ? `at most ${processes} of this user` : 'unlimited'),
		...(Number.isFinite(size)
			? [warn('size of files', `at most ${size} bytes, which ends a daemon that logs more`, '`ulimit -f unlimited`')]
			: []),
	];
}

async function examineKoffi(): Promise<Finding> {
	const what = 'koffi';
	try {
		await import('koffi');
		return ok(what, 'is there: notified() and hooks before a command work everywhere');
	} catch (error) {
		const isMissing = types.isNativeError(error) && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
		const found = isMissing ? 'is not installed; it is optional' : `cannot be loaded (${messageOf(error)})`;
		return warn(what, found, 'for notified(), and for hooks before a command: npm install koffi');
	}
}

const number = (path: string) => {
	const text = readText(path);
	return text === undefined ? undefined : Number(text);
};

function readText(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		// ENOENT, EACCES.
		return undefined;
	}
}
