/**
 * Runs in the daemon's process, before and instead of the user's: hears from the caller what to do, runs the hooks, then
 * calls the function or becomes the command.
 */
const { receiveTask, reportBegun, reportError, reportErrors } = require('./channel.cjs');

/** @typedef {import('./channel.cjs').Call} Call */

/** @param {import('./channel.cjs').Task} task */
async function begin({ afterFork, beforeExec, start }) {
	if (afterFork) await (await find(afterFork))();
	if ('kind' in start) {
		const call = await find(start);
		// An error that comes at once comes before.
		setImmediate(reportBegun);
		await call();
		return;
	}
	if (beforeExec) await (await find(beforeExec))();
	const { becomeCommand } = await import('./exec.mjs');
	reportBegun();
	await becomeCommand(start);
}

/** Each way loads only what it needs. @param {Call} call @returns {Promise<() => unknown>} */
async function find(call) {
	const args = 'args' in call && call.args !== '' ? deserialize(call.args) : [];
	if (call.kind === 'function') {
		const compiled = require('./run-function.cjs').compile(call);
		return () => compiled(...args);
	}
	const { findExport, findServer } = await import('./load-export.mjs');
	return call.kind === 'server' ? findServer(call) : findExport(call, args);
}

/** @param {string} args @returns {readonly unknown[]} */
function deserialize(args) {
	// Loading it takes 3 ms.
	return require('node:v8').deserialize(Buffer.from(args, 'base64'));
}

// The workers of node:cluster start the file of process.argv[1].
if (process.channel)
	throw new TypeError(`${__filename} runs daemons: give cluster.setupPrimary() an \`exec\` of your own`);
reportErrors();
const task = receiveTask();
// Without a caller there is nothing to do.
if (task)
	begin(task).catch(error => {
		// Itself: of what is no error, Node would make one that says less.
		reportError(error);
		// It ends Node, as an error in the main file does, also where unhandled rejections do not.
		if (process.listenerCount('unhandledRejection') === 0 && !process.env['NODE_OPTIONS']?.includes('rejections'))
			throw error;
		process.nextTick(() => {
			throw error;
		});
	});
