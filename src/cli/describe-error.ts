/** What a command prints for an error. */
import { types } from 'node:util';
import { isExpected } from './exit-codes.ts';

/** The stack of an expected error would only show this program. */
export function describeError(error: unknown): string {
	if (isExpected(error)) return error.message;
	return types.isNativeError(error) ? (error.stack ?? error.message) : String(error);
}
