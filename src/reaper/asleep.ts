/**
 * The reaper, asleep: a `/bin/sh` that reads from a pipe of the caller's. Whatever ends the caller, or its thread, ends the
 * pipe too; then it becomes Node, if there is something to clean up.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync } from 'node:fs';
import type { Socket } from 'node:net';
import { closeInherited, GROUP_SIGNALS, shellArguments } from '../launch/launcher.ts';
import { cleanEnvironment } from './environment.ts';
import { program } from './program.ts';

/** Its arguments: the caller's folder in the registry, Node, the program. */
const SCRIPT = [
	// A daemon may itself be a caller, and this is no survivor of it.
	'ulimit -S -m unlimited 2>/dev/null',
	...closeInherited(2, ''),
	'shift',
	`trap '' ${GROUP_SIGNALS}`,
	'last=',
	'while read -r word; do last=$word; done',
	// Where the folder was refused, or nobody has said yet whose it is, nothing that stands there is looked at.
	'[ "$last" != refused ] || exit 0',
	'[ "$last" != ready ] || for entry in "$1"/*; do [ -e "$entry" ] && exec "$2" "$3" "$1"; done',
	// The last one out closes the registry.
	'exec rmdir "$1" "${1%/*}" "${1%/*/*}" 2>/dev/null',
].join('\n');

/** Starts one. Once it is there the caller may die at any moment: who does not read yet will find that its pipe has ended. */
export async function startReaper(callerFolder: string): Promise<ChildProcess> {
	// A bundle of the caller has not got it: better now than when nobody is there to be told.
	accessSync(program);
	const reaper = spawn('/bin/sh', shellArguments('reaper', SCRIPT, [callerFolder, process.execPath, program]), {
		cwd: '/',
		env: cleanEnvironment(),
		// Ctrl-C is for the caller's process group, and SIGHUP for its session.
		detached: true,
		stdio: ['pipe', 'ignore', 'ignore'],
	});
	if (reaper.pid === undefined) throw (await once(reaper, 'error'))[0];
	reaper.unref();
	const pipe = reaper.stdin as Socket;
	pipe.unref();
	// EPIPE, ECONNRESET: its exit says the same.
	pipe.on('error', () => {});
	return reaper;
}
