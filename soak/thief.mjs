/**
 * The other program of `ports.mjs`. It reads of each port in a pipe when its daemon was just launched, connects to it
 * at once, and tries to bind it every ms. A line asks it to wait for the answers so far and to report, or also to end
 * this.
 */
import { createReadStream } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { ask } from './ask.mjs';

/**
 * @typedef {object} Loot what became of one port
 * @property {number} port
 * @property {string} early what the client was told that connected at the launch
 * @property {boolean} isStolen
 */

/** What a client is told that the thief serves. */
const WORD = 'thief';

/** @param {number} port @param {string} word */
function begin(port, word) {
	const early = ask(port).then(answer => (answer === word ? 'answered' : answer));
	return { port, early, ...steal(port) };
}

/** @param {number} port */
function steal(port) {
	const server = createServer(client => client.on('error', () => {}).end(`HTTP/1.0 200 OK\r\n\r\n${WORD}\n`));
	let isStolen = false;
	let isOver = false;
	const bind = () => {
		if (!isOver) server.listen(port, '127.0.0.1');
	};
	server.on('error', () => setTimeout(bind, 1));
	server.on('listening', () => {
		isStolen = true;
		if (isOver) server.close();
	});
	bind();
	return {
		isStolen: () => isStolen,
		end() {
			isOver = true;
			if (server.listening) server.close();
			return isStolen;
		},
	};
}

/** @type {ReturnType<typeof begin>[]} */
let begun = [];

/** @param {boolean} isOver */
async function report(isOver) {
	const reported = begun;
	if (isOver) begun = [];
	// A port that is taken from here on was free.
	const stolen = reported.map(({ end, isStolen }) => (isOver ? end() : isStolen()));
	const earlies = await Promise.all(reported.map(({ early }) => early));
	process.send?.(reported.map(({ port }, index) => ({ port, early: earlies[index], isStolen: stolen[index] })));
}

const [, , pipe = ''] = process.argv;
// An orderly exit would wait for the read of the pipe, which no byte ends.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// Open for writing too, so that it does not end with its first writer.
for await (const line of createInterface({ input: createReadStream(pipe, { flags: 'r+' }) })) {
	const [port, word = ''] = line.split(' ');
	if (port === 'wait' || port === 'end') void report(port === 'end');
	else begun.push(begin(Number(port), word));
}
