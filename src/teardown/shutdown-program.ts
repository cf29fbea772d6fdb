/** Runs a `shutdownCommand` that is a program: as a child of the caller, with the daemon's environment and folder. */
import { type Program, runProgram } from '../launch/program.ts';
import { printable } from '../printable.ts';
import { SHUTDOWN_VARIABLE } from '../survivors/marker.ts';
import { RequestError } from './request-error.ts';

/**
 * Resolves when the program has exited with 0.
 *
 * @throws {@link RequestError} if the program cannot be run or fails; the signal's reason if the signal is aborted
 * first: then the program and its group were stopped.
 */
export async function runShutdownProgram(
	program: Program,
	marker: string | undefined,
	signal: AbortSignal,
): Promise<void> {
	const env = { ...program.env, ...(marker === undefined ? {} : { [SHUTDOWN_VARIABLE]: '1' }) };
	const failure = await runProgram({ ...program, env }, marker, signal);
	if (failure === undefined) return;
	const evidence = failure.said.slice(-20).map(line => ['said', `| ${printable(line)}`] as const);
	throw new RequestError(`its shutdownCommand did not work: ${failure.what}`, evidence, failure.cause);
}
