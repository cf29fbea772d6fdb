/** `{pidFile}`, `{logFile}` and `{dir}` in a command, in the environment and in `cwd`. */

/** What the placeholders stand for; one that is undefined is not replaced. */
export interface PlaceholderValues {
	readonly pidFile?: string | undefined;
	readonly logFile?: string | undefined;
	readonly dir?: string | undefined;
}

/** Anything else in braces belongs to the user: JSON, a shell's `{ …; }`. */
export const PLACEHOLDER = /\{(pidFile|logFile|dir)\}/g;

export function fillIn(text: string, values: PlaceholderValues): string {
	return text.replace(PLACEHOLDER, (placeholder, name: keyof PlaceholderValues) => values[name] ?? placeholder);
}
