/** The named groups of a pattern, as types. */

/**
 * The groups of an ordinary RegExp: its type does not name them, and a group that took no part in the match is missing.
 */
export type Captures = Readonly<Record<string, string | undefined>>;

/**
 * A RegExp whose type says what its named groups are. The `Regex` of arkregex is one; a literal can be declared as one,
 * as in `/port (?<port>\d+)/ as TypedPattern<{ port: string }>`. The property exists in the type alone.
 */
export interface TypedPattern<Groups extends Captures> extends RegExp {
	readonly inferNamedCaptures: Groups;
}

/** A pattern to look for in a log. */
export type Pattern<Groups extends Captures = Captures> = string | RegExp | TypedPattern<Groups>;
