/** How a CI system wants its log: groups that fold, errors, and text of others that must not be taken for commands. */

export interface Dialect {
	/** Begins a group, which is folded where there are such. There is none inside of another. */
	begin(title: string): string;
	/** Ends the group. */
	end(): string;
	/** A group that is not folded, with the output of CMD. Not ended. */
	show(title: string): string;
	/** The error of one service. */
	error(name: string, text: string): string;
	/** A group with lines that the service has written. */
	log(title: string, lines: readonly string[]): string;
	/** Keeps a value out of the log from now on; empty where that is not possible. */
	mask(value: string): string;
}

/** Joins what is not empty, one below the other. */
export const joinLines = (...parts: readonly string[]): string => parts.filter(part => part !== '').join('\n');
