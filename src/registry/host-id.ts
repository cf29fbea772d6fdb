/** The scope in which a pid is meaningful: this machine, since its boot, in this pid namespace. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { hasCode } from '../os/errno.ts';

export interface Machine {
	readonly host: string;
	/** Changes at each boot. Empty on macOS, where the start time of a process is a date and serves as well. */
	readonly boot: string;
	/** Containers may share a folder, but they do not see each other's processes. */
	readonly namespace: string;
}

/** random(4) describes the boot id, namespaces(7) the inode of a namespace. macOS has neither, and needs neither. */
export function readMachine(): Machine {
	const boot = look(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')).trim();
	const namespace = /\d+/.exec(look(() => readlinkSync('/proc/self/ns/pid')))?.[0] ?? '';
	// Virtual machines may share a hostname, and not every machine has an id.
	const id = look(() => readFileSync('/etc/machine-id', 'latin1'))
		.trim()
		.slice(0, 8);
	return { host: [hostname(), id].join('-'), boot, namespace };
}

function look(read: () => string): string {
	try {
		return read();
	} catch (error) {
		// A sandbox such as gVisor lacks parts of /proc.
		if (hasCode(error, 'ENOENT', 'EACCES')) return '';
		throw error;
	}
}
