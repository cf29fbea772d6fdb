/**
 * Runs in the daemon's process, before and instead of the user's: hears from the caller what to do, runs the hooks, then
 * calls the function or becomes the command.
 */
import { find } from './find.mjs';
import { receiveTask, reportBegun, reportErrors } from './wire.mjs';

/** @param {import('./wire.mjs').Task} task */
async function begin({ afterFork, beforeExec, start }) {
	if (afterFork) await (await find(afterFork))();
	if ('kind' in start) {
		const call = await find(start);
		reportBegun();
		await call();
		return;
	}
	if (beforeExec) await (await find(beforeExec))();
	const { becomeCommand } = await import('./become.mjs');
	reportBegun();
	becomeCommand(start);
}

reportErrors();
const task = receiveTask();
// Without a caller there is nothing to do. A rejection is an uncaught error, and ends Node.
if (task) void begin(task);
