/** Finds the working directory of this process, which somebody may have removed. */
import { describeThrown } from '../error-text.ts';
import { hasCode } from './errno.ts';

/** Undefined if there is none any more, or if it cannot be reached. */
export function findWorkingFolder(): string | undefined {
	return whyNoWorkingFolder() === undefined ? process.cwd() : undefined;
}

/** Undefined if there is one. */
export function whyNoWorkingFolder(): string | undefined {
	try {
		process.cwd();
		return undefined;
	} catch (error) {
		// EACCES: a folder above it may not be read.
		return hasCode(error, 'ENOENT') ? 'was removed' : `cannot be found (${describeThrown(error)})`;
	}
}
