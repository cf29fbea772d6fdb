/** The commands of the program: their words, flags and help. What they do is in `do/`, and loaded when one runs. */
import type { Command } from 'commander';
import { define as clean } from './clean.ts';
import { define as completion } from './completion.ts';
import { define as doctor } from './doctor.ts';
import { define as logs } from './logs.ts';
import { define as ps } from './ps.ts';
import { define as restart } from './restart.ts';
import { define as run } from './run.ts';
import { define as start } from './start.ts';
import { define as status } from './status.ts';
import { define as stop } from './stop.ts';
import { define as wait } from './wait.ts';

/**
 * Adds a command to the program. Its action sets `process.exitCode`, or throws.
 *
 * @param all adds every command to another program.
 */
type Define = (program: Command, all: (program: Command) => void) => void;

/** Each command is in a file of its name. */
export const COMMANDS: Readonly<Record<string, Define>> = {
	...{ run, start, stop, restart, status, ps, logs, wait, clean, doctor, completion },
};

export function defineAll(program: Command): void {
	for (const define of Object.values(COMMANDS)) define(program, defineAll);
}
