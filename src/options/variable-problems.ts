/** Finds problems of the variables in `env`: C would see the end of one, or of its name, elsewhere. */
import { show } from '../option-rules.ts';
import { printable } from '../printable.ts';

export const isVariableName = (name: string): boolean => /^[^=\0]+$/.test(name);

/** A value may be a secret, so none is shown. */
export function findVariableProblems(env: object): string[] {
	const names = Object.keys(env).filter(name => !isVariableName(name));
	const cut = Object.entries(env).filter(([, value]) => String(value).includes('\0'));
	return [
		...names.map(
			name => `Expected the names in \`env\` not to be empty, and to have no = or null byte, but got ${show(name)}.`,
		),
		...cut.map(([name]) => `Expected \`env.${printable(name)}\` to have no null byte.`),
	];
}
