/** What a command prints for an error. */
import { types } from 'node:util';
import { isExpected } from './exit-codes.ts';

/** The message, with the stack unless the error is expected: then that would only show this program. */
export function describeError(error: unknown): string {
	if (isExpected(error) || isOfSystem(error)) return error.message;
	return types.isNativeError(error) ? (error.stack ?? error.message) : String(error);
}

/** Such as `ENOENT: no such file or directory, open '/nowhere/report.xml'`. */
const isOfSystem = (error: unknown): error is Error => error instanceof Error && 'syscall' in error;
