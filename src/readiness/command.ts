/** The probe `command`: a program that asks the daemon, such as `pg_isready`, exits with code 0. */
import { describeExit } from '../error-text.ts';
import { type ProgramFailure, runProgram } from '../launch/program.ts';
import { findGivenProblems, isArgument, isText, ms, type Rule } from '../option-rules.ts';
import { printable } from '../printable.ts';
import { polled } from './polled.ts';
import { makeProbe, type Probe } from './probe.ts';
import { TryLimit } from './try-limit.ts';

export interface CommandProbeOptions {
	/**
	 * Ms that one try may take; then it is ended with its process group. Defaults to 5000. Each try that is not over in
	 * time doubles it.
	 */
	readonly timeout?: number | undefined;
}

const TRY_MS = 5000;

const rules: Readonly<Record<string, Rule>> = {
	argv: {
		expected: 'an array with a program and its arguments, as no shell is used',
		accepts: value => Array.isArray(value) && isText(value[0]) && value.every(isArgument),
	},
	timeout: ms,
};

/**
 * Holds when the program exits with code 0. It is run again and again, in the daemon's working directory and with its
 * environment. What it leaves behind belongs to the daemon, and is ended with it.
 *
 * @example
 * command(['pg_isready', '-h', '127.0.0.1', '-p', '{port}'])
 */
export function command(argv: readonly (string | number)[], options: CommandProbeOptions = {}): Probe {
	return makeProbe({
		name: 'command',
		given: { ...options, argv },
		problems: findGivenProblems({ argv }, options, rules),
		begin: ({ argv, timeout = TRY_MS }, { cwd, env }) => {
			const program = { argv: argv.map(String), cwd, env };
			const limit = new TryLimit(timeout);
			let running: Promise<unknown> = Promise.resolve();
			let hasEnded = false;
			const check = polled(printable(`command ${program.argv.join(' ')}`), async (signal, { process }) => {
				const attempt = async (either: AbortSignal) => {
					const failure = await runProgram(program, process.marker, either);
					return failure === undefined || describe(failure);
				};
				const answer = limit.hold(attempt, ms => `it, or what holds its output, did not end within ${ms} ms`, signal);
				running = answer.catch(() => {});
				const result = await answer;
				hasEnded = true;
				return result;
			});
			return {
				...check,
				// A program that is interrupted has some time to end, as it may still clean up.
				over: async () => void (await running),
				reason: () => (hasEnded ? check.reason() : 'its first try has not ended'),
			};
		},
	});
}

function describe({ exitCode, signal, said, what }: ProgramFailure): string {
	if (exitCode === undefined && signal === undefined) return what;
	const last = said.at(-1);
	const exit = describeExit({ code: exitCode ?? null, signal: signal ?? null });
	return `it ${exit}${last === undefined ? '' : `: ${printable(last)}`}`;
}
