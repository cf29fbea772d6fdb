/** Programs of Debian that start daemons. Who waits for them is a Node process, as in a test. */
import { execFile } from 'node:child_process';
import { readFileSync, unlinkSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findProgram } from '../machine.mjs';

/** @typedef {import('../host.mjs').Cycle} Cycle */

const run = promisify(execFile);

/** @type {Cycle} */
export async function startStopDaemon({ file, args, name }, inUse) {
	const program = findProgram('start-stop-daemon') ?? '';
	const pidFile = ['--pidfile', join(process.cwd(), `${name}.pid`), '--quiet'];
	const start = ['--start', '--background', '--notify-await', '--make-pidfile', ...pidFile];
	await run(program, [...start, '--exec', file, '--', ...args]);
	await inUse();
	await run(program, ['--stop', ...pidFile, '--remove-pidfile', '--retry', 'TERM/5']);
}

/** It knows neither of readiness nor of an end, so these are done by hand, as a script would. @type {Cycle} */
export async function daemonize({ file, args, name }, inUse) {
	const [log, pidFile] = [join(process.cwd(), `${name}.log`), join(process.cwd(), `${name}.pid`)];
	writeFileSync(log, '');
	const ready = new Promise(resolve => {
		const watcher = watch(log, () => {
			if (!readFileSync(log, 'latin1').includes('ready')) return;
			watcher.close();
			resolve(undefined);
		});
	});
	await run(findProgram('daemonize') ?? '', ['-a', '-o', log, '-p', pidFile, file, ...args]);
	await ready;
	await inUse();
	const pid = Number(readFileSync(pidFile, 'latin1'));
	process.kill(pid);
	while (isAlive(pid)) await pause(10);
	for (const path of [log, pidFile]) unlinkSync(path);
}

/** @param {number} pid */
function isAlive(pid) {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}
