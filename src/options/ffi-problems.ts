/** Finds problems of the environment variable that says how libc is called, before anything is started. */
import { FFI_VARIABLE, isChosen, WAYS, whyNoLibc } from '../native/libc.mjs';
import { show } from '../option-rules.ts';

/** An empty variable counts as absent. A package that nobody has chosen may be missing. */
export function findFfiProblems(): string[] {
	if (!isChosen()) return [];
	const value = process.env[FFI_VARIABLE];
	if (!WAYS.some(way => way === value))
		return [
			`Expected the environment variable \`${FFI_VARIABLE}\` to be 'koffi', 'ffi-napi' or 'off', ` +
				`but got ${show(value)}.`,
		];
	const reason = value === 'off' ? undefined : whyNoLibc();
	return reason === undefined ? [] : [`The environment variable \`${FFI_VARIABLE}\` is ${value}, but ${reason}.`];
}
