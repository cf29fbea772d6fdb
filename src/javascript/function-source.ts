/** Finds out from the source text of a function what it uses. */

/**
 * vite, and so vitest, writes `__vite_ssr_import_0__.createServer` for an import; with vi.mock it is `__vi_import_0__`.
 */
const IMPORTED = /\b(?:__(?:vite_ssr|vi)_import_(?:(meta)|\d+)__(?:\.(\w+))?|import\.meta\b)/g;

/**
 * The imports of the surrounding file that the function uses, as the user wrote them. Without vite only `import.meta`
 * shows.
 */
export function findImported(source: string): string[] {
	const names = [...source.matchAll(IMPORTED)].map(([text, meta, name]) => {
		if (meta !== undefined || text === 'import.meta') return '`import.meta`';
		return name === undefined || name === 'default'
			? "a default import (or vite's replacement for new syntax)"
			: `\`${name}\``;
	});
	return [...new Set(names)];
}

/** Whether it imports a module whose path depends on the function's file: any module but Node's own. */
export const importsFromFile = (source: string): boolean =>
	/\b(?:import|require|__vite_ssr_dynamic_import__)\s*\((?!\s*['"`]node:)/.test(source);

/** The TypeScript files that the function imports by a path. */
export function findTypescript(source: string): string[] {
	const imports = source.matchAll(/import\w*\(\s*['"`]([^'"`?]*\.[cm]?tsx?)\b/g);
	return [...imports].map(([, path = '']) => path);
}

/** The variable outside of the function that caused the error, if the function's own text threw it. */
export function findOutsideVariable(error: unknown, file: string): string | undefined {
	if (!(error instanceof ReferenceError)) return undefined;
	const [, frame = ''] = error.stack?.split(/^\s+at /m) ?? [];
	return frame.includes(`${file}:`) ? /^(\S+) is not defined$/.exec(error.message)?.[1] : undefined;
}
