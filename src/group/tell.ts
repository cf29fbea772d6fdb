/** Tells the option `onChange` of a group about its members. */
import { types } from 'node:util';
import { textOf } from '../error-text.ts';
import type { MemberChange } from './running-member.ts';

export type Tell = (change: MemberChange) => void;

/** What the function throws, now or later, must not keep a member from being ended. */
export function makeTell(onChange: Tell | undefined): Tell {
	return change => {
		// Called at once: the state may be another one soon.
		const told = (async (): Promise<void> => onChange?.(change))();
		// Not the error itself: Node does not accept an error of a vm context, such as that of vitest's vmThreads.
		told.catch(error => {
			const detail = types.isNativeError(error) ? String(error.stack) : '';
			process.emitWarning(`onChange threw ${textOf(error)}`, { detail });
		});
	};
}
