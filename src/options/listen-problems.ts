/** Finds problems of `listen`, alone and with other options, before anything is started. */

import { isJavaScript } from '../javascript/command.ts';
import { placeholdersIn } from '../launch/placeholders.ts';
import { hasLibc, isChosen, whyNoLibc } from '../native/libc.mjs';
import { isDictionary, isText, type Rule } from '../option-rules.ts';
import { listPorts } from '../ports/wanted.ts';
import { MOST_SOCKETS } from '../sockets/descriptors.ts';
import { listWanted } from '../sockets/sockets.ts';
import type { CoreOptions } from './options.ts';

/** The variables of sd_listen_fds(3). */
const VARIABLES = ['LISTEN_FDS', 'LISTEN_FDNAMES', 'LISTEN_PID'];

/** `{listen.fd}` is the descriptor of a socket without a name, so no socket can have the name `fd`. */
const isSocketName = (name: string) => /^[A-Za-z_]\w*$/.test(name) && name !== 'fd';

export function toListenRule(isPort: (value: unknown) => boolean): Rule {
	const isSocket = (value: unknown) => isPort(value) || isPath(value);
	const areSockets = (value: unknown) => {
		if (!isDictionary(value)) return false;
		const sockets = Object.entries(value);
		const areFew = sockets.length >= 1 && sockets.length <= MOST_SOCKETS;
		return areFew && sockets.every(([name, each]) => isSocketName(name) && isSocket(each));
	};
	return {
		expected:
			`'auto', a whole number from 1 to 65535, a path that contains a /, or an object of 1 to ${MOST_SOCKETS} ` +
			'names (letters, digits, _, but not fd) with these',
		accepts: value => isSocket(value) || areSockets(value),
	};
}

/** A path cannot depend on another socket. */
function isPath(value: unknown): boolean {
	if (!isText(value) || !value.includes('/')) return false;
	return placeholdersIn(value).every(name => !name.startsWith('listen'));
}

export function findListenProblems(options: CoreOptions): string[] {
	const { ports = {}, listen, env = {}, startupCommand, server, afterFork, beforeExec } = options;
	const sockets = listWanted(listen);
	if (sockets.length === 0) return [];
	const all = [...listPorts(options), ...sockets];
	const twice = all.filter(
		([, each], index) => each !== 'auto' && each !== 0 && all.findIndex(other => other[1] === each) < index,
	);
	const named = Object.keys(ports).filter(name => sockets.some(([other]) => other === `listen.${name}`));
	const isCommandBehindHooks =
		!isJavaScript(startupCommand ?? server) && (afterFork !== undefined || beforeExec !== undefined);
	return [
		...named.map(
			name => `\`ports\` and \`listen\` both have ${name}, which would be one in \`daemon.ports\`: rename one.`,
		),
		...twice.map(([name, each]) => `\`${name}\` is ${each}, as another port or socket is: give each its own.`),
		...VARIABLES.filter(name => env[name] !== undefined).map(
			name => `\`env\` sets ${name}, as \`listen\` does: give one.`,
		),
		// Node marks every descriptor close-on-exec, and can undo that only for stdin, stdout and stderr.
		...(isCommandBehindHooks && !hasLibc()
			? [
					'`listen` needs the optional package koffi if there is a hook before a command' +
						`${isChosen() ? `, but ${whyNoLibc()}` : ''}.`,
				]
			: []),
	];
}
