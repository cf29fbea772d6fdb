/** Proves that no process, file, folder or socket of the test run is left after it. */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { identify } from '../../src/process/identity.ts';
import type { ProcessInfo } from '../../src/process/process-info.ts';
import { listProcesses, readCommandLine, readOwner } from '../../src/process/table.ts';
import { pollUntil } from '../../src/time/poll.ts';
import { install } from './install.ts';
import { endLeft, findLeft, type Left } from './left-processes.ts';
import { markRun, read } from './run-marker.ts';

/** Has the library as users get it, for tests that need their own caller: plain Node 20 runs no TypeScript. */
const INSTALLED = fileURLToPath(new URL(`../../node_modules/.cache/withdaemon-${process.pid}`, import.meta.url));

export function setup(): () => Promise<void> {
	// Programs that run as another user read what the tests write.
	process.umask(0o022);
	try {
		const { build, published } = install(INSTALLED);
		Object.assign(process.env, { WITHDAEMON_TEST_BUILD: build, WITHDAEMON_TEST_PUBLISHED: published });
	} catch (error) {
		// What was written before the errors is no build.
		rmSync(INSTALLED, { recursive: true, force: true });
		throw error;
	}
	const run = randomBytes(6).toString('hex');
	const folder = mkdtempSync(join(tmpdir(), 'wd-'));
	// Servers that run as another user need access.
	chmodSync(folder, 0o755);
	markRun(run);
	process.env['TMPDIR'] = folder;
	process.env['WITHDAEMON_TEST_FOLDER'] = folder;
	// From Node 22 on, npm and others would put compiled code into the temporary folder.
	process.env['NODE_DISABLE_COMPILE_CACHE'] = '1';
	process.env['TSX_DISABLE_CACHE'] = '1';
	// The registry is there, too, and not in the user's own folder.
	delete process.env['XDG_RUNTIME_DIR'];
	return async () => {
		await untilReapersAreGone(run);
		rmSync(INSTALLED, { recursive: true });
		const processes = findLeft(run);
		const left = [...processes.map(({ text }) => text), ...pathsIn(folder)];
		await endLeft(processes);
		rmSync(folder, { recursive: true });
		if (left.length === 0) return console.log('nothing left: no process, file, folder or socket of this run');
		throw new Error(`The run left behind, and has ended or removed:\n${left.join('\n')}`);
	};
}

/** The folders of the test files belong to the run; whatever is in them is a leak. */
function pathsIn(folder: string): string[] {
	return readdirSync(folder).flatMap(file => readdirSync(join(folder, file)).map(name => join(folder, file, name)));
}

/** Reapers outlive their workers for as long as the clean-up takes. One that has nothing to do becomes rmdir(1). */
async function untilReapersAreGone(run: string): Promise<void> {
	const isReaper = ({ text }: Left) => /withdaemon:reaper|: rmdir |reaper\/awake\/main\.cjs/.test(text);
	const areGone = () => !listProcesses().some(isInExec) && !findLeft(run).some(isReaper);
	await pollUntil(areGone, AbortSignal.timeout(60_000)).catch(() => undefined);
}

/** In the midst of execve(2) a process has neither arguments nor environment, as a reaper has when it becomes Node. */
function isInExec({ pid, ppid }: ProcessInfo): boolean {
	const isOfKernel = pid === 2 || ppid === 2;
	if (isOfKernel || !isOwn(pid) || !/^\[/.test(readCommandLine(pid) ?? '')) return false;
	return read(pid, 'environ') === '' && identify(pid) !== undefined;
}

const isOwn = (pid: number) => readOwner(pid) === process.getuid?.();
