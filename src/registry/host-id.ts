/** Where a pid means something: on this machine, since it was started, in this namespace of pids. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { hasCode } from '../os/errno.ts';

export interface Machine {
	readonly host: string;
	/** Changes when the machine starts anew. Empty where start times of processes are dates, and say as much. */
	readonly boot: string;
	/** Containers may share a folder, but not their processes. */
	readonly namespace: string;
}

/** random(4) names the boot; namespaces(7) are told by their inode. On macOS there is neither, nor is it needed. */
export function readMachine(): Machine {
	const boot = look(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')).trim();
	const namespace = /\d+/.exec(look(() => readlinkSync('/proc/self/ns/pid')))?.[0] ?? '';
	// Virtual machines may have the same name; not all have an id.
	const id = look(() => readFileSync('/etc/machine-id', 'latin1'))
		.trim()
		.slice(0, 8);
	return { host: [hostname(), id].join('-'), boot, namespace };
}

function look(read: () => string): string {
	try {
		return read();
	} catch (error) {
		// A sandbox such as gVisor has not all of /proc.
		if (hasCode(error, 'ENOENT', 'EACCES')) return '';
		throw error;
	}
}
