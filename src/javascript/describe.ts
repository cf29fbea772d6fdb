/** What JavaScript is called in messages. */
import { basename } from 'node:path';
import { isServer } from '../bootstrap/is-server.mjs';
import { functionOf, type JavaScript, moduleOf } from './command.ts';

/** For messages: what is called. */
export function describeScript(script: JavaScript): string {
	const module = moduleOf(script);
	if (isServer(script)) return `Server '${script.name}' of ${module}`;
	if (module !== undefined) return `export ${('export' in script && script.export) || 'default'} of ${module}`;
	const name = givenName(script);
	return name === undefined ? 'a function' : `function ${name}`;
}

/** What a daemon is called that was given no name. */
export function nameOfScript(script: JavaScript): string {
	if (isServer(script)) return script.name;
	return givenName(script) ?? basename(moduleOf(script) ?? 'daemon');
}

/** A function that was written as the option's value is named after the option: that says nothing about it. */
export function givenName(script: JavaScript): string | undefined {
	const { name = '' } = functionOf(script) ?? {};
	return ['', 'startupCommand', 'server', 'function', 'afterFork', 'beforeExec'].includes(name) ? undefined : name;
}
