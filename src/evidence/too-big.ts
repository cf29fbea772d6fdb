/** What is too big of an environment and arguments that the system does not take. Their values are nobody's business. */
import { types } from 'node:util';
import type { EvidenceRow } from '../error-text.ts';
import { hasCode } from '../os/errno.ts';
import { printable, shorten } from '../printable.ts';

/** MAX_ARG_STRLEN (execve(2)): Linux takes no longer one, however few they are. */
const LONGEST = 131_072;
const MOST_ROWS = 3;

/** From the kernel, or from the launcher's shell, whose own arguments come on top. */
export function isTooBig(cause: unknown): boolean {
	return hasCode(cause, 'E2BIG') || (types.isNativeError(cause) && /argument list too long/i.test(cause.message));
}

interface Attempt {
	readonly argv: readonly string[];
	readonly env: NodeJS.ProcessEnv;
}

export function explainTooBig({ argv, env }: Attempt): string {
	const all = sizes({ argv, env }).reduce((sum, [, size]) => sum + size, 0);
	const limit = process.platform === 'linux' ? `, of which Linux takes ${LONGEST} for one` : '';
	return `its environment and its arguments, ${all} bytes${limit}, are more than the system takes (E2BIG)`;
}

/** The largest, by name and by size. */
export function describeLargest(attempt: Attempt): EvidenceRow[] {
	const largest = sizes(attempt).toSorted(([, a], [, b]) => b - a);
	return largest.slice(0, MOST_ROWS).map(([what, size]) => ['largest', `${what}   ${size} bytes`]);
}

function sizes({ argv, env }: Attempt): (readonly [what: string, bytes: number])[] {
	const variables = Object.entries(env).map(
		([name, value = '']) =>
			[`\`env\`: ${shorten(printable(name))}`, Buffer.byteLength(`${name}=${value}`) + 1] as const,
	);
	const words = argv.map((word, index) => [`argument ${index} of the command`, Buffer.byteLength(word) + 1] as const);
	return [...variables, ...words];
}
