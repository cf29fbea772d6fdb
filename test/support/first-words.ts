/** What a process says first: a test that waits for a program that fails ends with the words of its failure. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** @throws if its stdout ends before, with what it has written to stderr if that is a pipe. */
export async function firstWords({ stdout, stderr, spawnargs }: ChildProcess): Promise<string> {
	if (stdout === null) throw new Error(`The stdout of ${spawnargs.join(' ')} is no pipe.`);
	// Read from now on: when a process exits, Node drops what nobody reads of its pipes.
	const lastWords = stderr === null ? '' : text(stderr);
	const [said] = await Promise.race([once(stdout, 'data'), once(stdout, 'end')]);
	if (said !== undefined) return String(said);
	throw new Error(`${spawnargs.join(' ')} has ended without a word. ${await lastWords}`);
}
