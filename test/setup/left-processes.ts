/** The processes that a test run has left: names them, and ends them. */
import { identify, isRunning, type ProcessIdentity } from '../../src/process/identity.ts';
import { sendSignal } from '../../src/process/signals.ts';
import { listProcesses, readCommandLine, readCondition } from '../../src/process/table.ts';
import { pollUntil } from '../../src/time/poll.ts';
import { isMarked, read } from './run-marker.ts';

export interface Left extends ProcessIdentity {
	/** Its pid, its command, and what it is doing. */
	readonly text: string;
}

/** Every open port or socket needs a process that holds it. Direct children are vitest's own workers. */
export function findLeft(run: string): Left[] {
	return listProcesses()
		.filter(({ pid, ppid }) => pid !== process.pid && ppid !== process.pid && isMarked(pid, run))
		.filter(({ pid }) => identify(pid) !== undefined)
		.map(({ pid, startTime }) => ({ pid, startTime, text: `process ${pid}: ${readCommandLine(pid)}${describe(pid)}` }));
}

/** The folder for temporary files has the name of the test file. */
function describe(pid: number): string {
	const [, folder = 'unknown'] = /(?:^|\0)TMPDIR=([^\0]+)/.exec(read(pid, 'environ')) ?? [];
	return [['temporary files', folder], ...readCondition(pid)]
		.map(([label, text]) => `\n    ${label}: ${text}`)
		.join('');
}

export async function endLeft(processes: readonly Left[]): Promise<void> {
	for (const left of processes) if (isRunning(left)) sendSignal(left.pid, 'SIGKILL');
	await pollUntil(() => !processes.some(isRunning), AbortSignal.timeout(60_000)).catch(() => undefined);
}
