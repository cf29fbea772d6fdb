/** Runs a `shutdownCommand` that is a program: as a child of the caller, with the daemon's environment and folder. */
import { printable } from '../printable.ts';
import { settlesWithin, unlessAborted } from '../time/deadline.ts';
import { RequestError } from './request-error.ts';

/** SIGTERM, 500 ms later SIGKILL, and a moment to notice. */
const LAST_WORDS_MS = 700;

export interface ShutdownProgram {
	readonly argv: readonly string[];
	readonly cwd: string;
	readonly env: NodeJS.ProcessEnv;
}

/**
 * Resolves when it exited with 0.
 *
 * @throws {@link RequestError} if it cannot be run or fails; the signal's reason if that is aborted first, and then the
 * program has been told to end.
 */
export async function runShutdownProgram({ argv, cwd, env }: ShutdownProgram, signal: AbortSignal): Promise<void> {
	// 89 ms to import on Node 20: only who has a shutdown command pays.
	const { execa } = await import('execa');
	const [file = '', ...args] = argv;
	const running = execa(file, args, {
		cwd,
		env,
		extendEnv: false,
		stdin: 'ignore',
		all: true,
		reject: false,
		cancelSignal: signal,
		forceKillAfterDelay: 500,
	});
	// Raced, as a grandchild that holds the pipe keeps execa waiting after the program itself is gone.
	const result = await unlessAborted(running, signal).catch(async error => {
		await settlesWithin(running, LAST_WORDS_MS);
		throw error;
	});
	if (!result.failed) return;
	const said = (result.all ?? '').split('\n').filter(line => line !== '');
	const evidence = said.slice(-20).map(line => ['said', `| ${printable(line)}`] as const);
	// Its second line, if any, repeats the first in Node's words.
	const [what = ''] = (result.shortMessage ?? '').split('\n');
	throw new RequestError(`its shutdownCommand did not work: ${printable(what)}`, evidence, result.cause);
}
