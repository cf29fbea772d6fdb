/** What the source text of a function tells about what it uses. */

/** vite, and so vitest, writes `__vite_ssr_import_0__.createServer` for an import; with vi.mock it is `__vi_import_0__`. */
const IMPORTED = /\b(?:__(?:vite_ssr|vi)_import_(?:(meta)|\d+)__(?:\.(\w+))?|import\.meta\b)/g;

/** The imports of the file around it that it uses, as the user wrote them. Without vite only `import.meta` shows. */
export function findImported(source: string): string[] {
	const names = [...source.matchAll(IMPORTED)].map(([text, meta, name]) => {
		if (meta !== undefined || text === 'import.meta') return '`import.meta`';
		return name === undefined || name === 'default'
			? 'a default import (or what vite made of new syntax)'
			: `\`${name}\``;
	});
	return [...new Set(names)];
}

/** Whether it imports what has to be looked for from its own file: all but Node's own modules. */
export const importsFromFile = (source: string): boolean =>
	/\b(?:import|require|__vite_ssr_dynamic_import__)\s*\((?!\s*['"`]node:)/.test(source);

/** The TypeScript files that it imports by a path. */
export function findTypescript(source: string): string[] {
	const imports = source.matchAll(/import\w*\(\s*['"`]([^'"`?]*\.[cm]?tsx?)\b/g);
	return [...imports].map(([, path = '']) => path);
}

/** The variable that an error complains about which was thrown in the function's own text: it is outside of it. */
export function findOutsideVariable(error: unknown, file: string): string | undefined {
	if (!(error instanceof ReferenceError)) return undefined;
	const [, frame = ''] = error.stack?.split(/^\s+at /m) ?? [];
	return frame.includes(`${file}:`) ? /^(\S+) is not defined$/.exec(error.message)?.[1] : undefined;
}
