/** Other processes on the machine, which a search has to pass by: `native/crowd.c`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/**
 * @param {string} programs the folder of the compiled programs
 * @param {number} size
 * @returns {Promise<() => Promise<void>>} ends them all, and resolves when they are gone
 */
export async function gather(programs, size) {
	const crowd = spawn(join(programs, 'crowd'), [String(size)], { stdio: ['pipe', 'pipe', 'ignore'] });
	const gone = once(crowd, 'exit');
	await once(crowd.stdout, 'data');
	return async () => {
		crowd.stdin.end();
		await gone;
	};
}
