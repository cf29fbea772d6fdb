/** How /proc is read: what is gone is undefined, and what is somebody else's is empty. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hasCode } from './errno.ts';
import { withSpare } from './spare.ts';

export function listPids(): number[] {
	return withSpare(() => readdirSync('/proc'))
		.filter(name => /^\d+$/.test(name))
		.map(Number);
}

/** ENOENT: no such process. ESRCH: it ended between open and read. */
export function isGone(error: unknown): boolean {
	return hasCode(error, 'ENOENT', 'ESRCH');
}

export function readProc(path: string): string | undefined {
	try {
		return withSpare(() => readFileSync(`/proc/${path}`, 'latin1'));
	} catch (error) {
		if (isGone(error)) return undefined;
		throw error;
	}
}

/** Empty for a process of another user, whose descriptors are its own affair. */
export function readLinks(folder: string): string[] {
	// Each by itself, as one may be closed meanwhile: in a look at oneself, the descriptor of that very look.
	return unlessHidden(() => withSpare(() => readdirSync(folder))).flatMap(name =>
		unlessHidden(() => [readlinkSync(`${folder}/${name}`)]),
	);
}

function unlessHidden(look: () => string[]): string[] {
	try {
		return look();
	} catch (error) {
		if (isGone(error) || hasCode(error, 'EACCES', 'EPERM')) return [];
		throw error;
	}
}
