/** Names that nobody can guess. */
import { closeSync, openSync, readSync } from 'node:fs';
import { crypto } from '../builtins.ts';

/** This many random bytes, as hexadecimal digits. The kernel is asked for them, as `node:crypto` takes 3 ms to load. */
export function randomHex(bytes: number): string {
	const buffer = Buffer.alloc(bytes);
	try {
		const file = openSync('/dev/urandom', 'r');
		try {
			if (readSync(file, buffer) === bytes) return buffer.toString('hex');
		} finally {
			closeSync(file);
		}
	} catch {
		// EMFILE; ENOENT in a chroot without devices; EACCES with Node's permission model.
	}
	return crypto().randomBytes(bytes).toString('hex');
}
