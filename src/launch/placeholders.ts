/**
 * `{pidFile}`, `{logFile}`, `{dir}`, `{port}`, `{ports.NAME}`, `{listen}` and `{listen.NAME}` in a command, in the
 * environment and in `cwd`.
 */

/** The values of the placeholders; a placeholder whose value is undefined is not replaced. */
export interface PlaceholderValues {
	readonly pidFile?: string | undefined;
	readonly logFile?: string | undefined;
	readonly dir?: string | undefined;
	readonly port?: string | undefined;
	readonly listen?: string | undefined;
	readonly [name: `ports.${string}`]: string | undefined;
	readonly [name: `listen.${string}`]: string | undefined;
}

/** Other text in braces belongs to the user: JSON, a shell's `{ …; }`, and `${port}` of a shell or of JavaScript. */
export const PLACEHOLDER = /(?<!\$)\{(pidFile|logFile|dir|port|(?:ports|listen)\.[^\s{}]+|listen)\}/g;

export function fillIn(text: string, values: PlaceholderValues): string {
	return text.replace(PLACEHOLDER, (placeholder, name: keyof PlaceholderValues) => values[name] ?? placeholder);
}

/** The names of the placeholders in a text, without the braces. */
export function placeholdersIn(text: string): string[] {
	return [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
}
