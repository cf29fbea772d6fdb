/** Daemons and hooks that are JavaScript: the ways to name the function. */
import { resolve } from 'node:path';
import { isServer } from '../bootstrap/is-server.mjs';
import { isDictionary } from '../option-rules.ts';
import { toPath } from '../server/module.ts';
import type { Server } from '../server/server.ts';
import { findTypescript } from './function-source.ts';

/**
 * A function that runs in a Node process of its own. Only its source text gets there, so it has to be self-contained
 * and `import()` what it needs. A relative import is relative to the function's file.
 */
export type DaemonFunction = (...args: never[]) => unknown;

/** A function and its arguments. */
export interface FunctionCommand {
	readonly module?: never;
	readonly function: DaemonFunction;
	/** Copied to the daemon's process (structured data); placeholders in strings are filled in. Defaults to none. */
	readonly args?: readonly unknown[] | undefined;
}

/**
 * A function, a `Server` or a subclass of it that a module exports. TypeScript runs where Node runs it, or through tsx.
 */
export interface ModuleCommand {
	readonly function?: never;
	/** A path, relative to the caller's working directory, or a `file:` URL. */
	readonly module: string | URL;
	/** Defaults to `'default'`. */
	readonly export?: string | undefined;
	/** Copied to the daemon's process (structured data); placeholders in strings are filled in. Defaults to none. */
	readonly args?: readonly unknown[] | undefined;
}

/** JavaScript that is run in the daemon's own process. */
export type Hook = DaemonFunction | FunctionCommand | ModuleCommand;
export type JavaScript = Hook | Server;

/** Checks only the shape; `findScriptProblems` checks the content. */
export function isHook(value: unknown): value is Hook {
	if (typeof value === 'function') return true;
	return isDictionary(value) && !isServer(value) && 'module' in value !== 'function' in value;
}

export function isJavaScript(value: unknown): value is JavaScript {
	return isHook(value) || isServer(value);
}

/** The absolute path of the module; undefined for a function that travels as source text. */
export function moduleOf(script: JavaScript): string | undefined {
	if (isServer(script)) return script.module;
	return 'module' in script && script.module !== undefined ? toPath(script.module) : undefined;
}

/** All modules that are known to run, including those that a function imports. */
export function modulesOf(script: JavaScript): string[] {
	const module = moduleOf(script);
	return module === undefined ? findTypescript(String(functionOf(script))).map(path => resolve(path)) : [module];
}

export function functionOf(script: JavaScript): DaemonFunction | undefined {
	if (typeof script === 'function') return script;
	return 'function' in script ? script.function : undefined;
}

export function argumentsOf(script: JavaScript): readonly unknown[] {
	return 'args' in script ? (script.args ?? []) : [];
}
