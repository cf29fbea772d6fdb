/** Finds problems of JavaScript that is to run in another process, before anything is started. */

import { isServer } from '../bootstrap/is-server.mjs';
import { v8 } from '../builtins.ts';
import { callable, findBreaches, isFunction, type Rule, text } from '../option-rules.ts';
import { isPath } from '../server/module.ts';
import type { Server } from '../server/server.ts';
import { argumentsOf, functionOf, isJavaScript, type JavaScript, modulesOf } from './command.ts';
import { givenName } from './describe.ts';
import { findImported } from './function-source.ts';
import { whyNotRunnable } from './typescript.ts';

const args: Rule = { expected: 'an array', accepts: Array.isArray };

const functionRules: Record<string, Rule> = { function: callable, args };
const moduleRules: Record<string, Rule> = {
	module: { expected: 'a path or a file: URL', accepts: isPath },
	export: text,
	args,
};

/** One sentence for each problem of an option's value. */
export function findScriptProblems(option: string, script: unknown): string[] {
	if (!isJavaScript(script)) return [];
	const breaches = findFormProblems(script);
	const problems = breaches.length > 0 ? breaches : [...findFunctionProblems(script), ...findTransportProblems(script)];
	return problems.map(problem => `\`${option}\`: ${problem}`);
}

function findFormProblems(script: JavaScript): string[] {
	if (isFunction(script)) return [];
	if (isServer(script)) return findServerProblems(script);
	return findBreaches(script, 'module' in script ? moduleRules : functionRules);
}

function findServerProblems({ name, module }: Server): string[] {
	if (module === undefined)
		return [
			`the Server '${name}' was made outside of a module: name the module that exports it with its option \`module\`.`,
		];
	if (/\.(?:test|spec)\.\w+$/.test(module))
		return [`the Server '${name}' was made in ${module}, which its process cannot import: give it a file of its own.`];
	return [];
}

function findFunctionProblems(script: JavaScript): string[] {
	const fn = functionOf(script);
	if (fn === undefined) return [];
	const source = String(fn);
	const name = givenName(script);
	const who = name === undefined ? 'the function' : `the function ${name}`;
	if (/\{\s*\[native code\]\s*\}\s*$/.test(source))
		return [`${who} is built in or bound, so it has no source text to run elsewhere: wrap it in a function.`];
	if (/Generator/.test(Object.prototype.toString.call(fn)))
		return [`${who} is a generator, whose values nothing would read: a plain or async function is expected.`];
	if (/^(?:async\s+|get\s+|set\s+)?\[/.test(source))
		return [`${who} is a method with a computed name, whose text means nothing elsewhere: wrap it in a function.`];
	if (/^class\b(?!\s*\()/.test(source))
		return [`${fn.name || 'it'} is a class: a function is expected, or a module that exports a Server.`];
	const imported = findImported(source);
	if (imported.length === 0) return [];
	return [
		`${who} uses ${imported.join(', ')} from the surrounding file, which does not exist in the daemon's process: ` +
			`import() it inside the function, pass it in \`args\`, or name a module, as { module, export }.`,
	];
}

/** Checks what has to reach the other process: the module and the arguments. */
function findTransportProblems(script: JavaScript): string[] {
	const problems = modulesOf(script)
		.map(module => [module, whyNotRunnable(module)])
		.filter(([, reason]) => reason !== undefined)
		.map(([module, reason]) => `${module} is TypeScript, but ${reason}.`);
	try {
		v8().serialize(argumentsOf(script));
	} catch (error) {
		// DataCloneError: `() => {} could not be cloned.`
		problems.push(`its args cannot be copied to another process: ${(error as Error).message}`);
	}
	return problems;
}
