/** What a command prints for an error. */
import { types } from 'node:util';
import { hasNoFolder, isExpected } from './exit-codes.ts';

/** The message, with the stack unless the error is expected: then that would only show this program. */
export function describeError(error: unknown): string {
	if (hasNoFolder(error)) return NO_FOLDER;
	if (isExpected(error) || isOfSystem(error)) return error.message;
	return types.isNativeError(error) ? (error.stack ?? error.message) : String(error);
}

/** A shell stays in a folder that was removed, even if there is a new one of its name. */
const NO_FOLDER =
	'The working directory was removed, or cannot be reached: change to another one. If it was made anew, ' +
	'`cd "$PWD"` leads into it.';

/** Such as `ENOENT: no such file or directory, open '/nowhere/report.xml'`. */
const isOfSystem = (error: unknown): error is Error => error instanceof Error && 'syscall' in error;
