/** Runs a `shutdownCommand` that is a program: as a child of the caller, with the daemon's environment and folder. */
import type { ChildProcess } from 'node:child_process';
import { printable } from '../printable.ts';
import { sendSignal } from '../process/signals.ts';
import { MARKER_VARIABLE, SHUTDOWN_VARIABLE } from '../survivors/marker.ts';
import { settlesWithin, unlessAborted } from '../time/deadline.ts';
import { RequestError } from './request-error.ts';

/** Between SIGTERM and SIGKILL; and a moment to notice the end. */
const GIVE_UP_MS = { SIGTERM: 500, SIGKILL: 200 } as const;

export interface ShutdownProgram {
	readonly argv: readonly string[];
	readonly cwd: string;
	readonly env: NodeJS.ProcessEnv;
}

/**
 * Resolves when it exited with 0. It has the daemon's marker in its environment: what it starts and leaves is found by that,
 * like what the daemon leaves.
 *
 * @throws {@link RequestError} if it cannot be run or fails; the signal's reason if that is aborted first, and then the
 * program and its group have been told to end.
 */
export async function runShutdownProgram(
	{ argv, cwd, env }: ShutdownProgram,
	marker: string | undefined,
	signal: AbortSignal,
): Promise<void> {
	// 89 ms to import on Node 20: only who has a shutdown command pays.
	const { execa } = await import('execa');
	const [file = '', ...args] = argv;
	const marks = marker === undefined ? {} : { [MARKER_VARIABLE]: marker, [SHUTDOWN_VARIABLE]: '1' };
	const running = execa(file, args, {
		cwd,
		env: { ...env, ...marks },
		extendEnv: false,
		stdin: 'ignore',
		all: true,
		reject: false,
		// A group of its own, which can be told to end.
		detached: true,
	});
	// Raced, as a grandchild that holds the pipe keeps execa waiting after the program itself is gone.
	const result = await unlessAborted(running, signal).catch(async error => {
		await giveUp(running);
		throw error;
	});
	if (!result.failed) return;
	const said = (result.all ?? '').split('\n').filter(line => line !== '');
	const evidence = said.slice(-20).map(line => ['said', `| ${printable(line)}`] as const);
	// Its second line, if any, repeats the first in Node's words.
	const [what = ''] = (result.shortMessage ?? '').split('\n');
	throw new RequestError(`its shutdownCommand did not work: ${printable(what)}`, evidence, result.cause);
}

/** As long as the program itself has not ended, nobody else can have its pid, and the group is its own. */
async function giveUp(program: ChildProcess): Promise<void> {
	const ended = new Promise(resolve => program.once('exit', resolve));
	for (const name of ['SIGTERM', 'SIGKILL'] as const) {
		if (program.pid === undefined || program.exitCode !== null || program.signalCode !== null) return;
		sendSignal(-program.pid, name);
		await settlesWithin(ended, GIVE_UP_MS[name]);
	}
}
