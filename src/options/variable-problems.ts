/** Finds problems of the variables in `env` and `exports`: characters at which C would end a name or a value. */
import { show } from '../option-rules.ts';
import { printable } from '../printable.ts';

const isVariableName = (name: string): boolean => /^[^=\0]+$/.test(name);

/** A value may be a secret, so none is shown. */
export function findVariableProblems(option: string, variables: object): string[] {
	const names = Object.keys(variables).filter(name => !isVariableName(name));
	const cut = Object.entries(variables).filter(([, value]) => String(value).includes('\0'));
	return [
		...names.map(
			name =>
				`Expected the names in \`${option}\` not to be empty, and to have no = or null byte, but got ${show(name)}.`,
		),
		...cut.map(([name]) => `Expected \`${option}.${printable(name)}\` to have no null byte.`),
	];
}
