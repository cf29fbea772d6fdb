/** Fills in the placeholders of arguments: in every string of plain objects and arrays, however deep. */

export function mapTexts(value: unknown, map: (text: string) => string, seen = new Map<object, unknown>()): unknown {
	if (typeof value === 'string') return map(value);
	if (!isPlain(value)) return value;
	const known = seen.get(value);
	if (known !== undefined) return known;
	const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
	// Set before the content is copied, which may refer back to it.
	seen.set(value, copy);
	for (const [key, entry] of Object.entries(value)) Object.assign(copy, { [key]: mapTexts(entry, map, seen) });
	return copy;
}

/**
 * Checks the name of its constructor: in a vm context, such as that of vitest's vmThreads, an object literal has
 * another `Object`.
 */
function isPlain(value: unknown): value is object {
	if (typeof value !== 'object' || value === null) return false;
	const prototype: unknown = Object.getPrototypeOf(value);
	return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** All strings in which a placeholder may be. */
export function textsIn(value: unknown): string[] {
	const texts: string[] = [];
	mapTexts(value, text => {
		texts.push(text);
		return text;
	});
	return texts;
}
