/** Names that nobody can guess. */
import { closeSync, openSync, readSync } from 'node:fs';
import { crypto } from '../builtins.ts';

/** Enough for some starts. */
const POOL_BYTES = 256;

let pool: Buffer = Buffer.alloc(0);

/** This many random bytes, as hexadecimal digits. */
export function randomHex(bytes: number): string {
	if (pool.length < bytes) pool = readRandom(POOL_BYTES);
	const digits = pool.toString('hex', 0, bytes);
	pool = pool.subarray(bytes);
	return digits;
}

/** The kernel is asked, as `node:crypto` takes 3 ms to load. */
function readRandom(bytes: number): Buffer {
	const buffer = Buffer.alloc(bytes);
	try {
		const file = openSync('/dev/urandom', 'r');
		try {
			if (readSync(file, buffer) === bytes) return buffer;
		} finally {
			closeSync(file);
		}
	} catch {
		// EMFILE; ENOENT in a chroot without devices; EACCES with Node's permission model.
	}
	return crypto().randomBytes(bytes);
}
