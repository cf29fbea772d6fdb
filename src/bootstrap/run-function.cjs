/** Runs in the daemon's process: makes a function of its source text again. */
const { existsSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');
const vm = require('node:vm');

// Node calls the loader below experimental, where the daemon's users read its log.
const { emitWarning } = process;
process.emitWarning = /** @type {typeof emitWarning} */ (
	(warning, ...rest) =>
		String(warning).includes('USE_MAIN_CONTEXT_DEFAULT_LOADER') ||
		Reflect.apply(emitWarning, process, [warning, ...rest])
);

/** @typedef {(...args: readonly unknown[]) => unknown} Compiled */

/**
 * The function sees nothing but the globals, and what those who compile TypeScript, bundle or count lines have written
 * into it without saying so. `file` is what its imports are relative to, and what it is called in stacks.
 *
 * @param {{ readonly source: string, readonly file: string }} call
 * @returns {Compiled}
 */
function compile({ source, file }) {
	/** @type {Record<string, unknown>} */
	const scope = {
		// esbuild, and so tsx, wraps the functions in a function, to keep their names.
		__name: (/** @type {unknown} */ wrapped) => wrapped,
		// What vite, and so vitest, makes of import().
		__vite_ssr_dynamic_import__: importAsVite(file),
	};
	// That takes a ms.
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

/** A method, such as `({ serve() {} }).serve`, is no expression by itself. @param {Record<string, unknown>} scope */
function methodOf(/** @type {string} */ source, /** @type {string} */ file, scope) {
	try {
		const [method] = Object.values(Object.getOwnPropertyDescriptors(evaluate(`({\n${source}\n})`, file, scope)));
		return typeof method?.value === 'function' ? method.value : undefined;
	} catch {
		// SyntaxError: not that either.
		return undefined;
	}
}

/** Strict, as the module was that it comes from; the source begins in line 1. @param {Record<string, unknown>} scope */
function evaluate(/** @type {string} */ text, /** @type {string} */ file, scope) {
	// Node 20.12 and newer; before that import() is refused by Node, in its own words.
	const loader = vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER;
	return vm.compileFunction(`'use strict'; return ${text}`, Object.keys(scope), {
		filename: file,
		lineOffset: -1,
		...(loader ? { importModuleDynamically: loader } : {}),
	})(...Object.values(scope));
}

/**
 * Vite has resolved a relative path from its root, a folder around the function's file: `./api.js` became `/test/api.js`.
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

/** From the inside out. @param {string} file @returns {string[]} */
function foldersAround(file) {
	const folder = dirname(file);
	return folder === file ? [] : [folder, ...foldersAround(folder)];
}

/** Any property of it is it, and it counts to nothing. */
const counters = /** @type {object} */ (
	new Proxy({}, { get: (_, key) => (key === Symbol.toPrimitive ? () => 0 : counters), set: () => true })
);

module.exports = { compile };
