/**
 * The reaper, asleep: a `/bin/sh` that reads from a pipe of the caller's. Whatever ends the caller, or its thread, ends the
 * pipe too; then it becomes Node, if there is something to clean up.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync } from 'node:fs';
import type { Socket } from 'node:net';
import { becomeScript, type Carried, packEnvironment } from '../launch/environment.ts';
import { closeInherited, GROUP_SIGNALS, shellArguments } from '../launch/launcher-script.ts';
import { cleanEnvironment } from './environment.ts';
import { program } from './program.ts';

/** Its arguments: the caller's folder in the registry, Node, the program. */
const script = (carried: Carried) =>
	[
		// A daemon may itself be a caller, and this is no survivor of it.
		'ulimit -S -m unlimited 2>/dev/null',
		...closeInherited(2),
		'shift',
		`trap '' ${GROUP_SIGNALS}`,
		'last=',
		'while read -r word; do last=$word; done',
		// Where the folder was refused, or nobody has said yet whose it is, nothing that stands there is looked at.
		'[ "$last" != refused ] || exit 0',
		'if [ "$last" = ready ]; then for entry in "$1"/*; do if [ -e "$entry" ]; then',
		`  set -- "$2" "$3" "$1"; ${becomeScript(carried, '')}`,
		'fi; done; fi',
		// The last one out closes the registry.
		'PATH=/usr/bin:/bin',
		'exec rmdir "$1" "${1%/*}" "${1%/*/*}" 2>/dev/null',
	].join('\n');

/** Starts one. Once it is there the caller may die at any moment: who does not read yet will find that its pipe has ended. */
export async function startReaper(callerFolder: string): Promise<ChildProcess> {
	// A bundle of the caller has not got it: better now than when nobody is there to be told.
	accessSync(program);
	const passage = packEnvironment(cleanEnvironment());
	const reaper = spawn(
		'/bin/sh',
		shellArguments('reaper', script(passage), [callerFolder, process.execPath, program]),
		{
			cwd: '/',
			env: passage.env,
			// Ctrl-C is for the caller's process group, and SIGHUP for its session.
			detached: true,
			stdio: ['pipe', 'ignore', 'ignore'],
		},
	);
	if (reaper.pid === undefined) throw (await once(reaper, 'error'))[0];
	reaper.unref();
	const pipe = reaper.stdin as Socket;
	pipe.unref();
	// EPIPE, ECONNRESET: its exit says the same.
	pipe.on('error', () => {});
	return reaper;
}
