/** Finds problems of `forking`: options that contradict it, and a PID file that the command cannot know. */
import { isJavaScript } from '../javascript/command.ts';
import { locateLog } from '../log/destination.ts';
import { PidFile } from '../pid-file/pid-file.ts';
import { hearsDaemon } from '../readiness/to-probe.ts';
import type { CoreOptions, DaemonOptions } from './options.ts';
import { findUsed } from './placeholder-problems.ts';

export function findForkingProblems(options: CoreOptions): string[] {
	const { forking, startupCommand, server, pidFile, stdin, listen, successExitCodes } = options;
	if (!forking) return [];
	const path = pidFile instanceof PidFile ? pidFile.filename : pidFile;
	const name = startupCommand === undefined ? 'server' : 'startupCommand';
	return [
		...(isJavaScript(startupCommand ?? server)
			? [`\`forking\` is for commands that daemonize themselves, but \`${name}\` is JavaScript, which does not.`]
			: []),
		...(['file', 'unusable'].includes(locateLog(path).kind)
			? []
			: [`\`forking\` needs a PID file that the daemon writes, but ${path} is not a regular file.`]),
		...(stdin === 'open'
			? ["`forking` and `stdin: 'open'` contradict each other: a daemon that leaves its parent has no use for a stdin."]
			: []),
		...(listen === undefined
			? []
			: ['`forking` and `listen` contradict each other: LISTEN_PID names the command, which is not the daemon then.']),
		...(successExitCodes === undefined
			? []
			: ['`forking` and `successExitCodes` contradict each other: only its parent learns the exit code of a process.']),
	];
}

/** The path of a helper's PID file is new at each start, so the command has to be told. */
export function findUnnamedPidFile(options: DaemonOptions): string[] {
	if (!options.forking || options.pidFile !== undefined || hearsDaemon(options.ready)) return [];
	const used = findUsed(options);
	if (used.has('pidFile') || used.has('dir')) return [];
	return [
		'`forking` follows the PID file that the command writes: put {pidFile} into the command or `env`, or give ' +
			'the option `pidFile` the path that the daemon writes to.',
	];
}
