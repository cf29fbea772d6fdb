/**
 * Runs in the daemon's process before the user's code: gets its task from the caller, runs the hooks, then calls the
 * function or becomes the command.
 */
const { receiveTask, reportBegun, reportError, reportErrors } = require('./channel.cjs');

/** @typedef {import('./channel.cjs').Call} Call */

/** @param {import('./channel.cjs').Task} task */
async function begin({ afterFork, beforeExec, start }) {
	if (afterFork) await (await find(afterFork))();
	if ('kind' in start) {
		const call = await find(start);
		// Later, so that an error which is thrown at once is reported first.
		setImmediate(reportBegun);
		await call();
		return;
	}
	if (beforeExec) await (await find(beforeExec))();
	const { becomeCommand } = await import('./exec.mjs');
	reportBegun();
	await becomeCommand(start);
}

/** Loads only the modules that this kind of call needs. @param {Call} call @returns {Promise<() => unknown>} */
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
	// Loaded on demand, as it takes 3 ms.
	return require('node:v8').deserialize(Buffer.from(args, 'base64'));
}

// The workers of node:cluster start the file of process.argv[1].
if (process.channel)
	throw new TypeError(`${__filename} runs daemons: give cluster.setupPrimary() an \`exec\` of your own`);
reportErrors();
const task = receiveTask();
// There is no task if the caller is gone.
if (task)
	begin(task).catch(error => {
		// Reported here: Node would turn a thrown value that is not an error into an error that says less.
		reportError(error);
		// It has to end Node, like an error in the main file, even if unhandled rejections do not.
		if (process.listenerCount('unhandledRejection') === 0 && !process.env['NODE_OPTIONS']?.includes('rejections'))
			throw error;
		process.nextTick(() => {
			throw error;
		});
	});
