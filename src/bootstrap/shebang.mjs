/** The program that a file names in its first line, and which the kernel starts in its place. */
import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';

/**
 * The `/bin/sh` of `#!/bin/sh`. A carriage return belongs to the name, as it does for the kernel.
 *
 * @param {string} start
 */
export function interpreterIn(start) {
	return /^#![ \t]*([^ \t\n]+)/.exec(start)?.[1];
}

/** As much as the kernel reads (execve(2)). @param {string} file */
export function readStart(file) {
	try {
		accessSync(file, constants.R_OK);
	} catch {
		// EACCES: what may be executed but not read can only be a binary.
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
