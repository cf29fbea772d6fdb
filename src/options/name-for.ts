/** The name of a daemon for which the user gave none. */
import { basename } from 'node:path';
import { isJavaScript } from '../javascript/command.ts';
import { nameOfScript } from '../javascript/describe.ts';
import type { StartupCommand } from './options.ts';

/** The name of an interpreter says nothing about the daemon, but the name of its script does. */
const INTERPRETER = /^(?:node|deno|bun|python[\d.]*|ruby|perl|php|java|sh|bash|npx|env)$/;

/** Such as `server.mjs` for `node server.mjs`. */
export function nameFor(command: StartupCommand): string {
	if (isJavaScript(command)) return nameOfScript(command);
	const words = typeof command === 'string' ? command.trim().split(/\s+/) : command.map(String);
	const [first = 'daemon', ...rest] = words;
	const script = rest.find(word => !word.startsWith('-'));
	const name = INTERPRETER.test(basename(first)) && script && /^[\w./@+-]+$/.test(script) ? script : first;
	return basename(name);
}
