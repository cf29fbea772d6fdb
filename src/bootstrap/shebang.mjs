/** The interpreter that a file names in its first line, which the kernel starts instead of the file. */
import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';

/**
 * The `/bin/sh` of `#!/bin/sh`. As for the kernel, a carriage return is part of the name.
 *
 * @param {string} start
 */
export function interpreterIn(start) {
	return /^#![ \t]*([^ \t\n]+)/.exec(start)?.[1];
}

/** Reads as much as the kernel does (execve(2)). @param {string} file */
export function readStart(file) {
	try {
		accessSync(file, constants.R_OK);
	} catch {
		// EACCES: a file that may be executed but not read can only be a binary.
		return '\0';
	}
	const descriptor = openSync(file, 'r');
	try {
		const buffer = Buffer.alloc(256);
		return buffer.toString('latin1', 0, readSync(descriptor, buffer));
	} finally {
		closeSync(descriptor);
	}
}
