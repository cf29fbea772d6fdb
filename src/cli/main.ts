#!/usr/bin/env node
/** The program `withdaemon`: does what a command says, and exits with its code. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { COMMANDS, defineAll } from './commands.ts';
import { describeError } from './describe-error.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';

async function main(words: readonly string[]): Promise<void> {
	const program = new Command('withdaemon')
		.description('Starts real daemons for tests and CI, waits until they are ready, and proves that nothing is left.')
		.option('-V, --version', 'print the version')
		.helpCommand('help [command]', 'show the help of a command')
		.addHelpText('after', '\n`withdaemon help COMMAND` has examples.')
		.exitOverride();
	program.on('option:version', () => {
		console.log(readVersion());
		throw new CommanderError(EXIT.done, 'commander.version', '');
	});
	const wanted = words.find(word => !word.startsWith('-')) ?? '';
	if (Object.hasOwn(COMMANDS, wanted)) COMMANDS[wanted]?.(program, defineAll);
	else defineAll(program);
	await program.parseAsync(words, { from: 'user' });
}

function readVersion(): string {
	return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}

function fail(error: unknown): void {
	// Commander has printed its errors, with the nearest name, and the help.
	if (error instanceof CommanderError) {
		process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
		return;
	}
	const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
	console.error(errors.map(describeError).join('\n\n'));
	process.exitCode = exitCodeOf(error);
}

/** The command goes on, but the program that reads its output misses a part: the exit code says so. */
function noteLostOutput(error: NodeJS.ErrnoException): void {
	// EPIPE: a reader such as `head` has seen enough. EIO: the terminal was closed.
	if (error.code === 'EPIPE' || error.code === 'EIO') return;
	process.once('exit', () => {
		process.exitCode ||= EXIT.bug;
	});
	console.error(`withdaemon: its output is not complete: ${error.message}`);
}

process.stdout.once('error', noteLostOutput);
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

await main(process.argv.slice(2)).catch(fail);
