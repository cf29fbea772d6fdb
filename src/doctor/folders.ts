/** Whether the folders for the registry and for temporary files can be used. */
import { accessSync, constants, lstatSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { messageOf } from '../error-text.ts';
import { LONGEST_SOCKET_PATH } from '../os/socket-path.ts';
import { locateRegistry } from '../registry/folder.ts';
import { RegistryError } from '../registry/held-folder.ts';
import { listReleased } from '../released/find.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

export function examineFolders(): Finding[] {
	return [examineRegistry(), ...examineRuntime(), examineTemporary()];
}

function examineRegistry(): Finding {
	const path = locateRegistry();
	try {
		accessSync(dirname(path), constants.W_OK | constants.X_OK);
		const count = listReleased().length;
		return ok('registry', `${path}, with ${count === 1 ? '1 released daemon' : `${count} released daemons`}`);
	} catch (error) {
		const remedy = 'set XDG_RUNTIME_DIR or TMPDIR to a folder of your own';
		return fail('registry', error instanceof RegistryError ? error.message : `${path}: ${messageOf(error)}`, remedy);
	}
}

/** Commands that see different folders do not see each other's daemons. */
function examineRuntime(): Finding[] {
	const folder = process.env['XDG_RUNTIME_DIR'];
	if (!folder) return [ok('XDG_RUNTIME_DIR', 'is not set, so the registry is in the folder for temporary files')];
	const stats = lstatSync(folder, { throwIfNoEntry: false });
	const isOwn = stats?.isDirectory() === true && stats.uid === process.getuid?.();
	if (dirname(locateRegistry()) !== folder || !isOwn)
		return [
			warn(
				'XDG_RUNTIME_DIR',
				`${folder} is not a folder that this user owns and can write to, so the registry is in ${tmpdir()}`,
				'unset it, so that commands in other shells look at the same place',
			),
		];
	return [
		ok(
			'XDG_RUNTIME_DIR',
			`${folder}: systemd removes it at the last logout, unless \`loginctl enable-linger\` was given`,
		),
	];
}

/** What follows the folder in the path of a socket: the name of a daemon's folder, and that of the socket. */
const NAMES = '/withdaemon-12345-abcdefghijkl/.notify'.length;
const LITTLE_BYTES = 100 * 1024 * 1024;

function examineTemporary(): Finding {
	const [what, folder] = ['temporary files', tmpdir()];
	const remedy = 'set TMPDIR to another folder';
	try {
		accessSync(folder, constants.W_OK | constants.X_OK);
		const { bavail, bsize } = statfsSync(folder);
		const mib = Math.floor((bavail * bsize) / 1024 / 1024);
		if (bavail * bsize < LITTLE_BYTES) return warn(what, `only ${mib} MiB are free in ${folder}`, remedy);
		if (folder.length + NAMES > LONGEST_SOCKET_PATH)
			return warn(what, `the path ${folder} is too long for unix sockets in it`, 'set TMPDIR to a shorter path');
		return ok(what, `${folder}, with ${mib} MiB free`);
	} catch (error) {
		return fail(what, `${folder}: ${messageOf(error)}`, remedy);
	}
}
