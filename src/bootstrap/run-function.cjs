/** Runs in the daemon's process: turns source text into a function again. */
const { existsSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');
const vm = require('node:vm');

// Without this, Node would warn in the daemon's log that the loader below is experimental.
const { emitWarning } = process;
process.emitWarning = /** @type {typeof emitWarning} */ (
	(warning, ...rest) =>
		String(warning).includes('USE_MAIN_CONTEXT_DEFAULT_LOADER') ||
		Reflect.apply(emitWarning, process, [warning, ...rest])
);

/** @typedef {(...args: readonly unknown[]) => unknown} Compiled */

/**
 * The function sees only the globals, and the helpers to which compilers of TypeScript, bundlers and coverage tools
 * insert calls. Its imports are relative to `file`, which is also its name in stacks.
 *
 * @param {{ readonly source: string, readonly file: string }} call
 * @returns {Compiled}
 */
function compile({ source, file }) {
	/** @type {Record<string, unknown>} */
	const scope = {
		// esbuild, and so tsx, wraps functions in this one to keep their names.
		__name: (/** @type {unknown} */ wrapped) => wrapped,
		// vite, and so vitest, replaces import() by this.
		__vite_ssr_dynamic_import__: importAsVite(file),
	};
	// Only on demand, as it takes 1 ms.
	if (/\brequire\b/.test(source)) scope['require'] = createRequire(file);
	// Istanbul counts lines and branches.
	for (const [name] of source.matchAll(/\bcov_\w+(?=\(\))/g)) scope[name] = () => counters;
	try {
		return evaluate(`(\n${source}\n)`, file, scope);
	} catch (error) {
		const method = methodOf(source, file, scope);
		if (method === undefined) throw error;
		return method;
	}
}

/**
 * A method, such as `({ serve() {} }).serve`, is not an expression by itself.
 * @param {Record<string, unknown>} scope
 */
function methodOf(/** @type {string} */ source, /** @type {string} */ file, scope) {
	try {
		const [method] = Object.values(Object.getOwnPropertyDescriptors(evaluate(`({\n${source}\n})`, file, scope)));
		return typeof method?.value === 'function' ? method.value : undefined;
	} catch {
		// SyntaxError: it is not a method either.
		return undefined;
	}
}

/** Strict, like the module that it comes from. The source begins in line 1. @param {Record<string, unknown>} scope */
function evaluate(/** @type {string} */ text, /** @type {string} */ file, scope) {
	// Node before 20.12 has no such loader, and refuses import() with an error of its own.
	const loader = vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER;
	return vm.compileFunction(`'use strict'; return ${text}`, Object.keys(scope), {
		filename: file,
		lineOffset: -1,
		...(loader ? { importModuleDynamically: loader } : {}),
	})(...Object.values(scope));
}

/**
 * Vite has resolved a relative path from its root, a folder around the function's file: `./api.js` became
 * `/test/api.js`.
 */
function importAsVite(/** @type {string} */ file) {
	const load = evaluate('specifier => import(specifier)', file, {});
	return (/** @type {string} */ specifier) => {
		const path = specifier.replace(/\?v=\w+$/, '').replace(/^\/@fs\//, '/');
		const isFromRoot = path.startsWith('/') && !existsSync(path);
		const root = isFromRoot ? foldersAround(file).find(folder => existsSync(join(folder, path))) : undefined;
		return load(root === undefined ? path : join(root, path));
	};
}

/** From the innermost folder outwards. @param {string} file @returns {string[]} */
function foldersAround(file) {
	const folder = dirname(file);
	return folder === file ? [] : [folder, ...foldersAround(folder)];
}

/** Accepts any count: every property of it is the object itself. */
const counters = /** @type {object} */ (
	new Proxy({}, { get: (_, key) => (key === Symbol.toPrimitive ? () => 0 : counters), set: () => true })
);

module.exports = { compile };
