/** The names of JavaScript in messages. */
import { basename } from 'node:path';
import { isServer } from '../bootstrap/is-server.mjs';
import { functionOf, type JavaScript, moduleOf } from './command.ts';

export function describeScript(script: JavaScript): string {
	const module = moduleOf(script);
	if (isServer(script)) return `Server '${script.name}' of ${module}`;
	if (module !== undefined) return `export ${('export' in script && script.export) || 'default'} of ${module}`;
	const name = givenName(script);
	return name === undefined ? 'a function' : `function ${name}`;
}

/** The name of a daemon for which the user gave none. */
export function nameOfScript(script: JavaScript): string {
	if (isServer(script)) return script.name;
	return givenName(script) ?? basename(moduleOf(script) ?? 'daemon');
}

/** A function that is written as an option's value gets the name of the option, which says nothing about it. */
export function givenName(script: JavaScript): string | undefined {
	const { name = '' } = functionOf(script) ?? {};
	return ['', 'startupCommand', 'server', 'function', 'afterFork', 'beforeExec'].includes(name) ? undefined : name;
}
