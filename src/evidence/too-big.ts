/**
 * Explains what is too big in an environment and arguments that the system refuses. It never shows values of variables.
 */
import { types } from 'node:util';
import type { EvidenceRow } from '../error-text.ts';
import type { LaunchOptions } from '../launch/launch.ts';
import { hasCode } from '../os/errno.ts';
import { printable } from '../printable.ts';

/** MAX_ARG_STRLEN (execve(2)): Linux refuses a longer argument, however few there are. */
const LONGEST = 131_072;
const MOST_ROWS = 3;

/** The error comes from the kernel, or from the launcher's shell, which adds arguments of its own. */
export function isTooBig(cause: unknown): boolean {
	return hasCode(cause, 'E2BIG') || (types.isNativeError(cause) && /argument list too long/i.test(cause.message));
}

/** What execve(2) gets. */
type Passed = Pick<LaunchOptions, 'argv' | 'env'>;

export function explainTooBig(passed: Passed): string {
	const all = sizes(passed).reduce((sum, [, size]) => sum + size, 0);
	const limit = process.platform === 'linux' ? `, of which Linux accepts ${LONGEST} for one` : '';
	return `its environment and its arguments, ${all} bytes${limit}, are more than the system accepts (E2BIG)`;
}

/** The largest variables and arguments, with their sizes. */
export function describeLargest(passed: Passed): EvidenceRow[] {
	const largest = sizes(passed).toSorted(([, a], [, b]) => b - a);
	return largest.slice(0, MOST_ROWS).map(([what, size]) => ['largest', `${what}   ${size} bytes`]);
}

function sizes({ argv, env }: Passed): (readonly [what: string, bytes: number])[] {
	const variables = Object.entries(env).map(
		([name, value = '']) => [`\`env\`: ${printable(name)}`, Buffer.byteLength(`${name}=${value}`) + 1] as const,
	);
	const words = argv.map((word, index) => [`argument ${index} of the command`, Buffer.byteLength(word) + 1] as const);
	return [...variables, ...words];
}
