/**
 * The reaper, asleep: a `/bin/sh` that reads from a pipe of the caller's. Whatever ends the caller, or its thread, ends the
 * pipe too; then it becomes Node, if there is something to clean up.
 */
import { accessSync } from 'node:fs';
import { becomeScript, type PackedCounts, packEnvironment } from '../launch/environment.ts';
import { closeInherited, GROUP_SIGNALS, shellArguments } from '../launch/launcher-script.ts';
import { type Spawned, spawnProcess } from '../launch/spawn.ts';
import { MARKER_VARIABLE } from '../survivors/marker.ts';
import { program } from './program.ts';

/** Its arguments: the caller's folder in the registry, Node, the program. */
const script = (packedCounts: PackedCounts) =>
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
		`  set -- "$2" "$3" "$1"; ${becomeScript(packedCounts, '')}`,
		'fi; done; fi',
		// The last one out closes the registry.
		'PATH=/usr/bin:/bin',
		'exec rmdir "$1" "${1%/*}" "${1%/*/*}" 2>/dev/null',
	].join('\n');

/** Starts one. Once it is there the caller may die at any moment: a reaper that does not read yet finds that its pipe has ended. */
export async function spawnReaper(callerFolder: string): Promise<Spawned> {
	// A bundle of the caller has not got it: better now than when nobody is there to be told.
	accessSync(program);
	const packed = packEnvironment(cleanEnvironment());
	const reaper = await spawnProcess({
		argv: ['/bin/sh', ...shellArguments('reaper', script(packed), [callerFolder, process.execPath, program])],
		cwd: '/',
		env: packed.env,
		stdio: ['socket', 'null', 'null'],
	});
	// EPIPE, ECONNRESET: its exit says the same.
	reaper.socket(0).on('error', () => {});
	return reaper;
}

/** Starts one that is awake, for a caller that is dead already. */
export async function spawnAwake(callerFolder: string): Promise<void> {
	await spawnProcess({
		argv: [process.execPath, program, callerFolder],
		cwd: '/',
		env: cleanEnvironment(),
		stdio: ['null', 'null', 'null'],
	});
}

/** What changes how Node starts. One of them, NODE_EXTRA_CA_CERTS, costs 35 ms up to Node 20. */
const OF_NODE = /^NODE_(?!ENV$)/;

/** The caller's environment, for the programs that ask a daemon to end. */
function cleanEnvironment(): NodeJS.ProcessEnv {
	const isKept = ([name]: [string, unknown]) => name !== MARKER_VARIABLE && !OF_NODE.test(name);
	return Object.fromEntries(Object.entries(process.env).filter(isKept));
}
