/** The examples below the help of a command. */

/** Each is the words after `withdaemon`, and what they do, if that is not obvious. */
export function examples(...lines: readonly (readonly [words: string, what?: string])[]): string {
	const shown = lines.map(([words, what]) => `${what === undefined ? '' : `  # ${what}\n`}  $ withdaemon ${words}`);
	return `\nExamples:\n${shown.join('\n')}`;
}
