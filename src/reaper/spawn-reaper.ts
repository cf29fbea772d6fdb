/**
 * The reaper, asleep: a `/bin/sh` that reads from a pipe of the caller. Whatever ends the caller or its thread closes
 * the pipe too; then the shell becomes Node, if there is something to clean up.
 */
import { accessSync } from 'node:fs';
import { becomeScript, type PackedCounts, packEnvironment } from '../launch/environment.ts';
import { closeInherited, GROUP_SIGNALS, shellArguments } from '../launch/launcher-script.ts';
import type { Spawned } from '../launch/spawn.ts';
import { spawnWatched } from '../launch/spawn-watched.ts';
import { MARKER_VARIABLE } from '../survivors/marker.ts';
import { ASK, LISTEN } from './first-signal.ts';
import { program } from './program.ts';

/** How the scripts of both kinds of reaper begin. */
const begin = (isNative: boolean) => [
	// A daemon may itself be a caller; without its marker the reaper is not taken for a survivor.
	'ulimit -S -m unlimited 2>/dev/null',
	// libc has given it no other descriptor.
	...(isNative ? [] : closeInherited()),
	'shift',
	`trap '' ${GROUP_SIGNALS}`,
];

/** The arguments of the script: the caller's folder in the registry, Node, the program. */
const script = (packedCounts: PackedCounts, isNative: boolean) =>
	[
		...begin(isNative),
		...LISTEN,
		// If the folder was refused or not checked yet, nothing in it is looked at.
		'[ "$said" != refused ] || exit 0',
		'if [ "$said" = ready ]; then',
		...ASK,
		'for entry in "$1"/*; do if [ -e "$entry" ]; then',
		`  set -- "$2" "$3" "$1"; ${becomeScript(packedCounts, '')}`,
		'fi; done; fi',
		// The last caller removes the registry.
		'PATH=/usr/bin:/bin',
		'exec rmdir "$1" "${1%/*}" "${1%/*/*}" 2>/dev/null',
	].join('\n');

/** Starts a reaper. From then on the caller may die at any moment: the reaper will find the pipe closed. */
export async function spawnReaper(callerFolder: string): Promise<Spawned> {
	// A bundle may lack the program, which has to be reported while there is a caller.
	accessSync(program);
	const packed = packEnvironment(cleanEnvironment());
	const args = [callerFolder, process.execPath, program];
	const reaper = await spawnWatched(isNative => ({
		argv: ['/bin/sh', ...shellArguments('reaper', script(packed, isNative), args)],
		cwd: '/',
		env: packed.env,
		stdio: ['socket', 'null', 'null'],
	}));
	// EPIPE, ECONNRESET: the reaper has exited, which is handled elsewhere.
	reaper.socket(0).on('error', () => {});
	return reaper;
}

/** Starts a reaper that is awake, for a caller that is already dead. */
export async function spawnAwake(callerFolder: string): Promise<void> {
	const packed = packEnvironment(cleanEnvironment());
	const script = (isNative: boolean) => [...begin(isNative), becomeScript(packed, '')].join('\n');
	const args = [process.execPath, program, callerFolder];
	await spawnWatched(isNative => ({
		argv: ['/bin/sh', ...shellArguments('awake', script(isNative), args)],
		cwd: '/',
		env: packed.env,
		// Node hears of its end without a socket.
		stdio: [isNative ? 'socket' : 'null', 'null', 'null'],
	}));
}

/** Variables that change how Node starts. NODE_EXTRA_CA_CERTS, for example, costs 35 ms up to Node 20. */
const OF_NODE = /^NODE_(?!ENV$)/;

/** The caller's environment, which a recorded `shutdownCommand` gets too. */
function cleanEnvironment(): NodeJS.ProcessEnv {
	const isKept = ([name]: [string, unknown]) => name !== MARKER_VARIABLE && !OF_NODE.test(name);
	return Object.fromEntries(Object.entries(process.env).filter(isKept));
}
