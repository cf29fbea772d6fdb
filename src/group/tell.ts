/** Tells the option `onChange` of a group about its members. */
import { types } from 'node:util';
import type { MemberChange } from './member.ts';

export type Tell = (change: MemberChange) => void;

/** What the function throws must not keep a member from being ended. */
export function makeTell(onChange: Tell | undefined): Tell {
	return change => {
		try {
			onChange?.(change);
		} catch (error) {
			process.emitWarning(types.isNativeError(error) ? error : String(error));
		}
	};
}
