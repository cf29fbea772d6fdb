/** The run's own proof: after it no process, file, folder or socket of ours is left. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { identify, isRunning, type ProcessIdentity } from '../../src/process/identity.ts';
import { sendSignal } from '../../src/process/signals.ts';
import { listProcesses, readCommandLine, readCondition } from '../../src/process/table.ts';
import { pollUntil } from '../../src/time/poll.ts';

/** Everything that the run starts inherits this variable, and has its temporary folders below one of its own. */
const RUN = 'WITHDAEMON_TEST_RUN';

/** The library as users get it, for the tests that need a caller of their own: plain Node 20 runs no TypeScript. */
const BUILD = fileURLToPath(new URL(`../../node_modules/.cache/withdaemon-${process.pid}`, import.meta.url));

export function setup(): () => Promise<void> {
	try {
		execFileSync(
			process.execPath,
			['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', BUILD],
			{ stdio: 'inherit' },
		);
	} catch (error) {
		// tsc writes also what has faults.
		rmSync(BUILD, { recursive: true, force: true });
		throw error;
	}
	const run = randomBytes(8).toString('hex');
	const folder = mkdtempSync(join(tmpdir(), 'wd-'));
	// The servers that are run as another user have to get through.
	chmodSync(folder, 0o755);
	process.env[RUN] = run;
	process.env['TMPDIR'] = folder;
	process.env['WITHDAEMON_TEST_FOLDER'] = folder;
	process.env['WITHDAEMON_TEST_BUILD'] = BUILD;
	// From Node 22 on npm and others would keep compiled code in the temporary folder.
	process.env['NODE_DISABLE_COMPILE_CACHE'] = '1';
	process.env['TSX_DISABLE_CACHE'] = '1';
	// The registry is there, too, and not where the user's own is.
	delete process.env['XDG_RUNTIME_DIR'];
	return async () => {
		await untilReapersAreGone(run);
		rmSync(BUILD, { recursive: true });
		const processes = findProcesses(run);
		const left = [...processes.map(({ text }) => text), ...pathsIn(folder)];
		await end(processes);
		rmSync(folder, { recursive: true });
		if (left.length === 0) return console.log('nothing left: no process, file, folder or socket of this run');
		throw new Error(`The run left behind, and has ended or removed:\n${left.join('\n')}`);
	};
}

/** The folders of the test files are the run's own, what is in them is not. */
function pathsIn(folder: string): string[] {
	return readdirSync(folder).flatMap(file => readdirSync(join(folder, file)).map(name => join(folder, file, name)));
}

/** They outlive the workers that they watch over, by as long as it takes to clean up. */
async function untilReapersAreGone(run: string): Promise<void> {
	const isReaper = ({ text }: Left) => /withdaemon:reaper|reaper\/(?:awake\/)?main\.js/.test(text);
	await pollUntil(() => !findProcesses(run).some(isReaper), AbortSignal.timeout(20_000)).catch(() => undefined);
}

interface Left extends ProcessIdentity {
	readonly text: string;
}

/** A port that is still open, or a socket, needs a process that holds it. Direct children are vitest's own workers. */
function findProcesses(run: string): Left[] {
	return listProcesses()
		.filter(({ pid, ppid }) => ppid !== process.pid && readEnvironment(pid).includes(`${RUN}=${run}`))
		.filter(({ pid }) => identify(pid) !== undefined)
		.map(({ pid, startTime }) => ({ pid, startTime, text: `process ${pid}: ${readCommandLine(pid)}${describe(pid)}` }));
}

/** What it is doing there. */
function describe(pid: number): string {
	return readCondition(pid)
		.map(([label, text]) => `\n    ${label}: ${text}`)
		.join('');
}

async function end(processes: readonly Left[]): Promise<void> {
	for (const left of processes) if (isRunning(left)) sendSignal(left.pid, 'SIGKILL');
	await pollUntil(() => !processes.some(isRunning), AbortSignal.timeout(5000)).catch(() => undefined);
}

function readEnvironment(pid: number): string {
	try {
		return readFileSync(`/proc/${pid}/environ`, 'latin1');
	} catch {
		// ENOENT, ESRCH: gone by now. EACCES: another user's, started by somebody else.
		return '';
	}
}
