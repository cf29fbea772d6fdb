/** Finds problems of `logFile` and of the options that read it, before anything is started. */
import { resolve } from 'node:path';
import { locateLog } from '../log/destination.ts';
import { PidFile } from '../pid-file/pid-file.ts';
import { descriptionsOf } from '../readiness/to-probe.ts';
import type { CoreOptions } from './options.ts';

/** Whether what the daemon writes there can be read. */
export const canBeRead = (logFile: string): boolean => locateLog(logFile).kind === 'file';

export function findLogProblems(options: CoreOptions): string[] {
	const { logFile, noclose, pidFile } = options;
	if (logFile === undefined) {
		const because = noclose ? 'with `noclose` the output goes to the caller, so' : 'without a `logFile`';
		return readersIn(options).map(name => `\`${name}\` reads the log, but ${because} there is none.`);
	}
	const destination = locateLog(logFile);
	if (destination.kind === 'unusable')
		return [`\`logFile\` has to be a file, a named pipe or a device, but ${logFile} ${destination.why}.`];
	if (destination.kind !== 'file') {
		const what = destination.kind === 'stream' ? "one of the caller's own descriptors" : `a ${destination.kind}`;
		return readersIn(options).map(
			name => `\`${name}\` reads the log, but ${logFile} is ${what}, from which nothing can be read: give it a file.`,
		);
	}
	const other = locateLog(pidFile instanceof PidFile ? pidFile.filename : resolve(pidFile));
	if (!('path' in other) || other.path !== destination.path) return [];
	return [`\`logFile\` and \`pidFile\` are the same file, ${logFile}: give each its own.`];
}

function readersIn({ lookFor, ready, inactivityTimeout }: CoreOptions): string[] {
	const probe = descriptionsOf(ready).find(({ readsLog }) => readsLog);
	return Object.entries({ lookFor, ready: probe, inactivityTimeout }).flatMap(([name, value]) =>
		value === undefined ? [] : [name],
	);
}
