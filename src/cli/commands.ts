/** The commands of the program. */
import type { Command } from 'commander';

/**
 * Adds itself to the program. Its action sets `process.exitCode`, or throws.
 *
 * @param all adds every command to another program.
 */
type Define = (program: Command, all: (program: Command) => Promise<void>) => void;

/**
 * Each command is in a file of its name, and is imported only when it is needed: an import costs more than most
 * commands do.
 */
export const COMMANDS: Readonly<Record<string, () => Promise<{ readonly define: Define }>>> = {
	run: () => import('./run.ts'),
	start: () => import('./start.ts'),
	stop: () => import('./stop.ts'),
	restart: () => import('./restart.ts'),
	status: () => import('./status.ts'),
	ps: () => import('./ps.ts'),
	logs: () => import('./logs.ts'),
	wait: () => import('./wait.ts'),
	clean: () => import('./clean.ts'),
	doctor: () => import('./doctor.ts'),
	completion: () => import('./completion.ts'),
};

export async function defineAll(program: Command): Promise<void> {
	for (const { define } of await Promise.all(Object.values(COMMANDS).map(load => load()))) define(program, defineAll);
}
