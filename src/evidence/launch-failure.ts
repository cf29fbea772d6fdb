/** Explains why a launch failed, with a hint if the reason is certain. */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { types } from 'node:util';
import { type EvidenceRow, textOf } from '../error-text.ts';
import { hintForWords } from '../launch/command.ts';
import type { LaunchOptions } from '../launch/launch.ts';
import { findProjectProgram } from '../launch/project-programs.ts';
import { hasCode } from '../os/errno.ts';
import { findWorkingFolder } from '../os/working-folder.ts';
import { shorten } from '../printable.ts';
import { readProc } from '../process/procfs.ts';
import { isNamedTemporary } from '../temporary-folder.ts';
import { describeSocketFailure, explainSocketFailure } from './socket-failure.ts';
import { describeLargest, explainTooBig, isTooBig } from './too-big.ts';

/** PATH is shown at length, as any of its folders may be the one that is missing. */
const LONGEST_PATH = 4000;

/** The launch that was attempted. */
export interface Attempt {
	readonly name: string;
	readonly argv: readonly string[];
	/** The function that is called, if there is no command to execute. */
	readonly called?: string | undefined;
	readonly cwd: string;
	readonly env: NodeJS.ProcessEnv;
	readonly stdin?: LaunchOptions['stdin'];
	readonly output: LaunchOptions['output'];
}

/** The rest of a sentence that begins with the daemon's name. */
export function explainLaunchFailure(cause: unknown, attempt: Attempt): string {
	const { cwd } = attempt;
	const failed = 'could not be started';
	if (!types.isNativeError(cause)) return `${failed}: ${textOf(cause)}`;
	if (isTooBig(cause)) return `${failed}: ${explainTooBig(attempt)}`;
	const { path = '', syscall } = cause as NodeJS.ErrnoException;
	const socket = explainSocketFailure(cause);
	if (socket !== undefined) return `${failed}: ${socket}`;
	const what = path === cwd ? `its working directory ${path}` : path;
	if (hasCode(cause, 'ENOENT') && syscall === 'open') return `${failed}: ${explainNoFolder(path)} (ENOENT)`;
	if (hasCode(cause, 'ENOENT') && path !== '') return `${failed}: ${what} does not exist (ENOENT)`;
	if (hasCode(cause, 'ENOTDIR') && path === cwd) return `${failed}: ${what} is not a folder (ENOTDIR)`;
	if (hasCode(cause, 'EISDIR') && path !== '')
		return `${failed}: ${path} is a folder, where a file is to be written (EISDIR)`;
	// access(2) is only used for a file to be executed and a folder to be entered.
	if (hasCode(cause, 'EACCES') && (syscall === 'access' || syscall === 'exec'))
		return `${failed}: ${what} may not be ${path === cwd ? 'entered' : 'executed'} (EACCES)`;
	if (hasCode(cause, 'EMFILE'))
		return `${failed}: its caller has no descriptor left, of those that \`ulimit -n\` allows (EMFILE)`;
	if (hasCode(cause, 'EAGAIN')) return `${failed}: ${explainNoProcess()}`;
	return `${failed}: ${cause.message}`;
}

function explainNoFolder(file: string): string {
	const folder = dirname(file);
	return isNamedTemporary(folder)
		? `its temporary folder ${folder} is gone, as after a teardown: start another daemon`
		: `the folder of ${file} does not exist`;
}

/** Whoever could not fork: the caller, or the shell that is its launcher. */
export function explainNoProcess(): string {
	const [, most] = /^Max processes +(\d+)/m.exec(readProc('self/limits') ?? '') ?? [];
	const limit = `\`ulimit -u\`${most === undefined ? '' : ` (${most})`}`;
	return `its user has no process left, of those that ${limit} or the container allows (EAGAIN)`;
}

/** Rows with the command, where it was looked for, and hints on what is certainly wrong with it. */
export function describeAttempt(attempt: Attempt, cause?: unknown): EvidenceRow[] {
	const { argv, called, cwd, env } = attempt;
	const [command = ''] = argv;
	const isBare = !command.includes('/');
	const isMissing = hasCode(cause, 'ENOENT') && cause.path === command && isBare;
	const words = hasCode(cause, 'ENOENT') ? hintForWords(argv, cwd, env['PATH']) : undefined;
	const caller = findWorkingFolder();
	return [
		called === undefined ? ['command', describeArgv(argv)] : ['calls', called],
		['cwd', cwd],
		...(isMissing ? [['PATH', shorten(env['PATH'] ?? 'not set', LONGEST_PATH)] as const] : []),
		...(isTooBig(cause) ? describeLargest(attempt) : []),
		...describeSocketFailure(cause),
		...(words === undefined ? [] : [['hint', `${words}, or a string`] as const]),
		...(isMissing && caller !== undefined ? hintsForProgram(command, cwd, caller) : []),
		...(caller === undefined ? [] : hintsFor(argv, cwd, caller)).map(hint => ['hint', hint] as const),
	];
}

/** A hint for a program that another project has installed, not the one that the caller works in. */
function hintsForProgram(command: string, cwd: string, caller: string): EvidenceRow[] {
	const program = findProjectProgram(command, cwd);
	if (program === undefined) return [];
	const where = `only that of ${caller} and above is looked at`;
	return [['hint', `${program} is there, but ${where}: give that path`]];
}

/** Hints for relative paths that exist in the caller's folder, but not in the daemon's, if there is that folder. */
function hintsFor(argv: readonly string[], cwd: string, caller: string): string[] {
	// With the slash, a file does not count.
	if (!existsSync(`${cwd}/`)) return [];
	return argv
		.filter((argument, index) => (index === 0 ? argument.includes('/') : !argument.startsWith('-')))
		.filter(argument => !isAbsolute(argument) && /[./]/.test(argument))
		.filter(argument => existsSync(resolve(caller, argument)) && !existsSync(resolve(cwd, argument)))
		.map(
			argument =>
				`${argument} exists in ${caller}, but the daemon works in ${cwd}: give \`cwd\`, \`nochdir: true\` ` +
				'or an absolute path',
		);
}

/** The command as one would type it. Long arguments and long lists are cut off. */
export function describeArgv(argv: readonly string[]): string {
	const shown = argv.slice(0, MOST_ARGUMENTS).map(argument => quoted(shorten(argument)));
	const more = argv.length - shown.length;
	return [...shown, ...(more > 0 ? [`… and ${more} more arguments`] : [])].join(' ');
}

const MOST_ARGUMENTS = 50;

const quoted = (argument: string) =>
	/^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
