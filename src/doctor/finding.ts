/** What a look at one thing has found. */

export interface Finding {
	/** What was looked at, in a word or two. */
	readonly what: string;
	/** `fail`: daemons cannot work like this. `warn`: some cannot, or not as well. */
	readonly level: 'ok' | 'warn' | 'fail';
	readonly found: string;
	/** What to do about it; null if there is nothing to do. */
	readonly remedy: string | null;
}

export const ok = (what: string, found: string): Finding => ({ what, level: 'ok', found, remedy: null });
export const warn = (what: string, found: string, remedy: string): Finding => ({ what, level: 'warn', found, remedy });
export const fail = (what: string, found: string, remedy: string): Finding => ({ what, level: 'fail', found, remedy });
