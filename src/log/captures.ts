/** The named groups of a pattern, as types. */

/** What a RegExp literal's type lets one know of its groups: each may be missing. Only those that took part in the match are there. */
export type Captures = Readonly<Record<string, string | undefined>>;

/**
 * A RegExp whose type tells its named groups. The `Regex` of arkregex is one; a literal can be declared to be one, as in
 * `/port (?<port>\d+)/ as TypedPattern<{ port: string }>`. The property is there for the type alone.
 */
export interface TypedPattern<Groups extends Captures> extends RegExp {
	readonly inferNamedCaptures: Groups;
}

/** What can be looked for in a log. */
export type Pattern<Groups extends Captures = Captures> = string | RegExp | TypedPattern<Groups>;
