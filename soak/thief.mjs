/**
 * The other program of `ports.mjs`. It reads of each port in a pipe when its daemon was just launched, connects to it at
 * once, and tries to bind it every ms, until a line says that the start is over. Then it reports.
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
	return () => {
		isOver = true;
		if (server.listening) server.close();
		return isStolen;
	};
}

/** @type {(() => Promise<Loot>)[]} */
let begun = [];

/** @param {number} port @param {string} word */
function begin(port, word) {
	const early = ask(port);
	const end = steal(port);
	begun.push(async () => {
		const isStolen = end();
		const answer = await early;
		return { port, early: answer === word ? 'answered' : answer, isStolen };
	});
}

const [, , pipe = ''] = process.argv;
// An orderly exit would wait for the read of the pipe, which no byte ends.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// Open for writing too, so that it does not end with its first writer.
for await (const line of createInterface({ input: createReadStream(pipe, { flags: 'r+' }) })) {
	const [port, word = ''] = line.split(' ');
	if (port !== 'end') begin(Number(port), word);
	else {
		const ended = begun.map(end => end());
		begun = [];
		void Promise.all(ended).then(loot => process.send?.(loot));
	}
}
