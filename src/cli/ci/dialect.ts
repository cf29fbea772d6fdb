/** How a CI system wants its log: groups that fold, errors, and lines of services that must not be obeyed. */

export interface Dialect {
	/** Begins a group, which is folded if the system can do that. A group never contains another one. */
	begin(title: string): string;
	end(): string;
	/** Begins the output of CMD, which is not folded. It has no end of its own. */
	show(title: string): string;
	error(name: string, text: string): string;
	/** A group with lines that the service has written. */
	log(title: string, lines: readonly string[]): string;
	/** Keeps a value out of the log from now on; empty where that is not possible. */
	mask(value: string): string;
}

/** Joins the parts that are not empty, one below the other. */
export const joinLines = (...parts: readonly string[]): string => parts.filter(part => part !== '').join('\n');
