/** Runs a `shutdownCommand` that is a program: as a child of the caller, with the daemon's environment and folder. */
import type { ChildProcess } from 'node:child_process';
import { printable } from '../printable.ts';
import { sendSignal } from '../process/signals.ts';
import { MARKER_VARIABLE, SHUTDOWN_VARIABLE } from '../survivors/marker.ts';
import { settlesWithin, unlessAborted } from '../time/deadline.ts';
import { RequestError } from './request-error.ts';

/** How long to wait for the program's end after SIGTERM, and after SIGKILL. */
const GIVE_UP_MS = { SIGTERM: 500, SIGKILL: 200 } as const;

export interface ShutdownProgram {
	readonly argv: readonly string[];
	readonly cwd: string;
	readonly env: NodeJS.ProcessEnv;
}

/**
 * Resolves when the program has exited with 0. Its environment has the daemon's marker, so the processes that it leaves
 * behind are found like those of the daemon.
 *
 * @throws {@link RequestError} if the program cannot be run or fails; the signal's reason if the signal is aborted
 * first: then the program and its group were stopped.
 */
export async function runShutdownProgram(
	{ argv, cwd, env }: ShutdownProgram,
	marker: string | undefined,
	signal: AbortSignal,
): Promise<void> {
	// Imported on demand, as it takes 89 ms on Node 20.
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
		// A group of its own, which can be signalled.
		detached: true,
	});
	// A grandchild that holds the pipe would keep execa waiting after the program itself is gone.
	const result = await unlessAborted(running, signal).catch(async error => {
		await giveUp(running);
		// The same grandchild would keep this process alive, be it the caller or the reaper.
		for (const pipe of [running.stdout, running.stderr]) pipe.destroy();
		throw error;
	});
	if (!result.failed) return;
	const said = (result.all ?? '').split('\n').filter(line => line !== '');
	const evidence = said.slice(-20).map(line => ['said', `| ${printable(line)}`] as const);
	// A second line would repeat the first in Node's words.
	const [what = ''] = (result.shortMessage ?? '').split('\n');
	throw new RequestError(`its shutdownCommand did not work: ${printable(what)}`, evidence, result.cause);
}

/** While the program is there, no other process can have its pid, so the group is the program's. */
async function giveUp(program: ChildProcess): Promise<void> {
	const ended = new Promise(resolve => program.once('exit', resolve));
	for (const name of ['SIGTERM', 'SIGKILL'] as const) {
		if (program.pid === undefined || program.exitCode !== null || program.signalCode !== null) return;
		sendSignal(-program.pid, name);
		await settlesWithin(ended, GIVE_UP_MS[name]);
	}
}
