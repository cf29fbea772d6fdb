/** What the probes of paths say about a file that is not what they wait for. */
import type { Stats } from 'node:fs';
import { isText, type Rule } from '../option-rules.ts';

export const path: Rule = {
	expected: 'a path, without NUL',
	accepts: isText,
};

export function describeFileType(file: Stats): string {
	if (file.isFile()) return 'a regular file';
	if (file.isDirectory()) return 'a directory';
	if (file.isSocket()) return 'a unix socket';
	return file.isFIFO() ? 'a named pipe' : 'a device';
}
