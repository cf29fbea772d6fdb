/** Ports for tests: free ones, taken ones, and strangers that listen. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { tryLock } from '../../src/lock.ts';
import { candidates, chooseCandidate, readEphemeral } from '../../src/ports/ephemeral-range.ts';
import { firstWords } from './first-words.ts';
import { fixture } from './fixtures.ts';
import { onTestFinished } from './this-test.ts';

/** A port that no other process on this machine gets until the test is over or `free` is called. */
export async function reservePort(): Promise<{ readonly port: number; readonly free: () => void }> {
	for (;;) {
		const port = chooseCandidate(candidates(readEphemeral()));
		const free = await tryLock(`port-${port}`);
		if (free === undefined) continue;
		onTestFinished(free);
		const server = createServer().listen(port, '::');
		const isFree = await once(server, 'listening').then(
			() => true,
			() => false,
		);
		server.close();
		if (isFree) return { port, free };
	}
}

export const freePort = async (): Promise<number> => (await reservePort()).port;

/** Listens in this process, until the test is over: on a port, or on a unix socket at this path. */
export async function listenOn(place: number | string, host?: string): Promise<Server> {
	const server = createServer(socket => socket.end('stranger\n'));
	server.listen(typeof place === 'string' ? { path: place } : { port: place, host });
	onTestFinished(() => void server.close());
	await once(server, 'listening');
	return server;
}

/** Listens in a separate process until the test is over. `prefix` is a command that starts it, such as `setpriv`. */
export async function startStranger(port: number, host: string, prefix: readonly string[] = []): Promise<ChildProcess> {
	return await startProgram([...prefix, process.execPath, fixture('listens.mjs'), String(port), host]);
}

/** Resolves when it has said something. */
async function startProgram([command = '', ...args]: readonly string[]): Promise<ChildProcess> {
	const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
	const gone = once(child, 'exit');
	onTestFinished(async () => {
		child.kill('SIGKILL');
		await gone;
	});
	await firstWords(child);
	return child;
}

/** Has a UDP port in a separate process until the test is over. */
export async function startUdpStranger(port: number): Promise<ChildProcess> {
	return await startProgram([fixture('answers-udp.mjs'), String(port)]);
}
