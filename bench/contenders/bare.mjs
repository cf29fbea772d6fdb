/** Bare `child_process`: what the tools in Node are built on, with the least that makes a cycle. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, unlinkSync, watch } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';

/** @typedef {import('../host.mjs').Cycle} Cycle */

/** @type {Cycle} */
export async function piped(daemon, inUse) {
	const child = spawn(daemon.file, daemon.args, { stdio: ['ignore', 'pipe', 'ignore'] });
	const gone = new Promise(resolve => child.once('exit', resolve));
	await new Promise(resolve => child.stdout.once('data', resolve));
	await inUse();
	child.kill();
	await gone;
}

/** @type {Cycle} */
export async function watched(daemon, inUse) {
	const log = `${daemon.name}.log`;
	const descriptor = openSync(log, 'w');
	const child = spawn(daemon.file, daemon.args, { stdio: ['ignore', descriptor, descriptor] });
	closeSync(descriptor);
	const gone = new Promise(resolve => child.once('exit', resolve));
	await new Promise(resolve => {
		const look = () => {
			if (!readFileSync(log, 'latin1').includes('ready')) return;
			watcher.close();
			resolve(undefined);
		};
		const watcher = watch(log, look);
		look();
	});
	await inUse();
	child.kill();
	await gone;
	unlinkSync(log);
}

/** @type {(isThere: (port: number) => Promise<boolean>, everyMs: number) => Cycle} */
const polled = (isThere, everyMs) => async (daemon, inUse) => {
	const child = spawn(daemon.file, daemon.args, { stdio: 'ignore' });
	const gone = new Promise(resolve => child.once('exit', resolve));
	while (!(await isThere(daemon.port))) await new Promise(resolve => setTimeout(resolve, everyMs));
	await inUse();
	child.kill();
	await gone;
};

/** @type {(port: number) => Promise<boolean>} */
const accepts = port =>
	new Promise(resolve => {
		const socket = connect(port, '127.0.0.1');
		const answer = (/** @type {boolean} */ isThere) => () => {
			socket.destroy();
			resolve(isThere);
		};
		socket.once('connect', answer(true)).once('error', answer(false));
	});

/** @type {(port: number) => Promise<boolean>} */
const responds = port =>
	new Promise(resolve => {
		const request = get({ port, host: '127.0.0.1', agent: false }, response => {
			response.resume();
			resolve(response.statusCode === 200);
		});
		request.once('error', () => resolve(false));
	});

export const tcpEvery1 = polled(accepts, 1);
export const tcpEvery10 = polled(accepts, 10);
export const httpEvery10 = polled(responds, 10);
