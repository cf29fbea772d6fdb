/** Hints on why a daemon exited before it was ready, if the reason is certain. */
import { existsSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute } from 'node:path';
import { interpreterIn, readStart } from '../bootstrap/shebang.mjs';
import type { EvidenceRow, ExitStatus } from '../error-text.ts';
import { printable } from '../printable.ts';
import { readLoader } from '../process/elf.ts';
import { hintsForBusyPort } from './busy-port.ts';
import { hintsForForbiddenPort } from './forbidden-port.ts';
import type { Attempt } from './launch-failure.ts';
import { lookUp, type Timeline } from './timeline.ts';

export function hintsForExit(exit: ExitStatus, attempt: Attempt, timeline: Timeline): EvidenceRow[] {
	const { argv, stdin, output } = attempt;
	const isNull = stdin !== 'open' && output !== 'caller';
	return [
		...lookUp('hint', () => hintsForCode(exit, argv)),
		...lookUp('hint', () => (exit.code === 0 ? hintsForSurvivors(argv, timeline) : [])),
		...lookUp('hint', () => (isNull ? hintsForStdin(timeline) : [])),
		...lookUp('hint', () => hintsForTypeScript(timeline)),
		...hintsForDeath(timeline),
	];
}

/** Hints on what can end a daemon at any time. */
export function hintsForDeath(timeline: Timeline): EvidenceRow[] {
	return [
		...hintsForBusyPort(timeline),
		...hintsForForbiddenPort(timeline),
		...lookUp('hint', () => hintsForDisk(timeline)),
	];
}

/** The meaning of 126 and 127 from the shell that should have executed the command. */
function hintsForCode({ code }: ExitStatus, [command = '']: readonly string[]): EvidenceRow[] {
	if (code !== 126 && code !== 127) return [];
	const interpreter = readIfFile(command, path => interpreterIn(readStart(path)));
	if (interpreter !== undefined && !existsSync(interpreter))
		return [['hint', `its first line names the interpreter ${showReturn(interpreter)}, which does not exist`]];
	const loader = readIfFile(command, readLoader);
	if (loader !== undefined && !existsSync(loader)) {
		const remedy = 'it was built for another system, or for another C library';
		return [['hint', `the file exists, but its loader ${printable(loader)} does not: ${remedy}`]];
	}
	const meaning = code === 127 ? 'a command that was not found' : 'a command that could not be executed';
	return [['hint', `exit code ${code} is how shells report ${meaning}`]];
}

function readIfFile<T>(path: string, read: (path: string) => T): T | undefined {
	return isAbsolute(path) && statSync(path, { throwIfNoEntry: false })?.isFile() ? read(path) : undefined;
}

/** In a file with line ends of Windows the carriage return is part of the name, and would be invisible. */
const showReturn = (text: string) => text.replaceAll('\r', '\\r');

/** The program has made itself a daemon, which this library does already. */
function hintsForSurvivors([command = '']: readonly string[], { survivors }: Timeline): EvidenceRow[] {
	const [first, ...others] = survivors();
	if (first === undefined) return [];
	const who = `${first.pid} (${printable(first.command)})`;
	const more = others.length === 0 ? '' : `, and ${others.length} more`;
	const how = IN_THE_FOREGROUND.get(basename(command));
	const remedy = `run it in the foreground${how === undefined ? '' : `, with ${how}`}, or give \`forking: true\``;
	return [['hint', `it exited with 0, but what it had started went on, as ${who}${more}: ${remedy}`]];
}

/** The switches that keep these programs in the foreground. */
const IN_THE_FOREGROUND = new Map([
	['apache2', '`-D FOREGROUND`'],
	['dnsmasq', '`--keep-in-foreground`'],
	['haproxy', '`-db`'],
	['httpd', '`-D FOREGROUND`'],
	['nginx', "`-g 'daemon off;'`"],
	['redis-server', '`--daemonize no`'],
	['sshd', '`-D`'],
	['valkey-server', '`--daemonize no`'],
]);

/** Recognises the message of esbuild. */
function hintsForStdin({ log }: Timeline): EvidenceRow[] {
	const isClosed = log?.tail().some(line => /\bstdin was closed\b/i.test(line));
	return isClosed ? [['hint', "it ended because its stdin, /dev/null, is at its end: give `stdin: 'open'`"]] : [];
}

/** What Node says of TypeScript that it does not run. */
const UNKNOWN_EXTENSION = /Unknown file extension "\.[cm]?ts(x?)"/;
/** It has taken the file for JavaScript. */
const TAKEN_FOR_JAVASCRIPT = /^\/.*\.[cm]?ts:\d+$[\s\S]*^SyntaxError: .*\n +at (?:wrapSafe|internalCompileFunction) /m;
/** A newer Node strips the types first, so the fault is another one there. */
const OLD_NODE = /^Node\.js v(?:2[01]|22\.(?:\d|1[0-7]))\./m;

function hintsForTypeScript({ log }: Timeline): EvidenceRow[] {
	const text = log?.tail().join('\n') ?? '';
	const [, x] = UNKNOWN_EXTENSION.exec(text) ?? [];
	if (x === undefined && !(TAKEN_FOR_JAVASCRIPT.test(text) && OLD_NODE.test(text))) return [];
	const [what, or] = x
		? ['no Node runs TSX', '']
		: ['its Node does not run TypeScript', ', or use Node 22.18 or newer'];
	return [['hint', `${what}: install tsx, and start it with \`tsx\` or \`node --import tsx\`${or}`]];
}

/** A full disk alone is not a cause, but the daemon or its log may have failed to write to it. */
function hintsForDisk({ log }: Timeline): EvidenceRow[] {
	const folders = [tmpdir(), ...(log ? [dirname(log.path)] : [])].filter(existsSync);
	const byDisk = new Map(folders.toReversed().map(folder => [statSync(folder).dev, folder]));
	return [...byDisk.values()].flatMap(folder => {
		const lacking = whyFull(folder);
		return lacking === undefined ? [] : [['hint', `the disk of ${folder} is full: it has no ${lacking} left`] as const];
	});
}

function whyFull(folder: string): string | undefined {
	const { blocks, bavail, bfree, files, ffree } = statfsSync(folder);
	// Only root can use the reserved blocks.
	if (blocks > 0 && (process.getuid?.() === 0 ? bfree : bavail) === 0) return 'space';
	// Some file systems, such as btrfs, do not count files.
	return files > 0 && ffree === 0 ? 'room for another file' : undefined;
}
