/** Runs a program to its end, as a child of the caller, and ends it with its group when its time is over. */
import type { ChildProcess } from 'node:child_process';
import { hasCode } from '../os/errno.ts';
import { printable } from '../printable.ts';
import { sendSignal } from '../process/signals.ts';
import { MARKER_VARIABLE } from '../survivors/marker.ts';
import { settlesWithin, unlessAborted } from '../time/deadline.ts';
import { explainRefusal, hintForWords } from './command.ts';

/** How long to wait for the program's end after SIGTERM, and after SIGKILL. */
const GIVE_UP_MS = { SIGTERM: 500, SIGKILL: 200 } as const;

/** Of what a program says, only the end is kept: a program may say more than fits into the caller's memory. */
const MOST_SAID = 64 * 1024;

export interface Program {
	readonly argv: readonly string[];
	readonly cwd: string;
	readonly env: NodeJS.ProcessEnv;
}

/** How a program has failed. */
export interface ProgramFailure {
	/** One line, such as `Command failed with exit code 7: …`. */
	readonly what: string;
	/** Undefined if it could not be run, or was killed by a signal. */
	readonly exitCode: number | undefined;
	readonly signal: NodeJS.Signals | undefined;
	/** The last lines that it wrote to stdout and stderr, without empty ones. */
	readonly said: readonly string[];
	/** The error of the system if it could not be run. */
	readonly cause: unknown;
}

/**
 * Resolves to undefined when the program has exited with 0. With the daemon's marker in its environment, the processes
 * that it leaves behind are found like those of the daemon.
 *
 * @throws the signal's reason if the signal is aborted first: then the program and its group were stopped.
 */
export async function runProgram(
	{ argv, cwd, env }: Program,
	marker: string | undefined,
	signal: AbortSignal,
): Promise<ProgramFailure | undefined> {
	// Imported on demand, as it takes 89 ms on Node 20.
	const { execa } = await import('execa');
	const [file = '', ...args] = argv;
	const running = execa(file, args, {
		cwd,
		env: { ...env, ...(marker === undefined ? {} : { [MARKER_VARIABLE]: marker }) },
		extendEnv: false,
		stdin: 'ignore',
		all: true,
		buffer: false,
		reject: false,
		// A group of its own, which can be signalled.
		detached: true,
	});
	let said = '';
	running.all.setEncoding('utf8').on('data', (text: string) => {
		said = (said + text).slice(-MOST_SAID);
	});
	// A grandchild that holds the pipe would keep execa waiting after the program itself is gone.
	const result = await unlessAborted(running, signal).catch(async error => {
		await giveUp(running);
		// The same grandchild would keep this process alive, be it the caller or the reaper.
		for (const pipe of [running.stdout, running.stderr]) pipe.destroy();
		throw error;
	});
	if (!result.failed) return undefined;
	// A second line would repeat the first in Node's words.
	const [line = ''] = (result.shortMessage ?? '').split('\n');
	const cause = explainRefusal(result.cause, file, cwd, env['PATH']);
	const isMissing = hasCode(cause, 'ENOENT');
	const what = isMissing ? line.replace(/^Command failed with EACCES/, 'Command failed with ENOENT') : line;
	const hint = isMissing ? hintForWords(argv, cwd, env['PATH']) : undefined;
	return {
		what: printable(hint === undefined ? what : `${what} (${hint})`),
		exitCode: result.exitCode,
		signal: result.signal as NodeJS.Signals | undefined,
		said: said.split('\n').filter(line => line !== ''),
		cause,
	};
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
