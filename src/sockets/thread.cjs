/**
 * Runs in a thread of the caller, whose event loop never turns: makes listening sockets and keeps them. Node knows no
 * way to listen without accepting: libuv accepts connections as soon as its loop turns, and then they are the caller's,
 * although they are meant for the daemon. In this thread no turn ever comes. The descriptors are those of the whole
 * process. No package that calls libc is needed, and it is the same on every Node.
 */
const { randomBytes } = require('node:crypto');
const { renameSync } = require('node:fs');
const { _createServerHandle } = /** @type {typeof import('node:net') & { _createServerHandle: CreateServerHandle }} */ (
	require('node:net')
);
const { parentPort, receiveMessageOnPort, workerData } = require('node:worker_threads');

/**
 * What a `net.Server` listens with. Each returns a negative errno if it fails.
 * @typedef {{
 *   readonly fd: number,
 *   listen(backlog: number): number,
 *   setBlocking(isBlocking: boolean): number,
 *   getsockname?(name: { port?: number }): number,
 *   close(): void,
 * }} Handle
 *
 * The first step of `server.listen()`: socket(2) and bind(2). For a path, port and family are -1.
 * @typedef {(host: string, port: number, family: 4 | -1) => Handle | number} CreateServerHandle
 *
 * @typedef {{ readonly host: string, readonly port: number } | { readonly path: string }} Address
 * @typedef {{ readonly bind: Address } | { readonly listen: number }} Opening
 * @typedef {Opening | { readonly close: number, readonly path: string | undefined }} Question
 * @typedef {{ readonly descriptor?: number, readonly port?: number | undefined, readonly errno?: number }} Answer
 */

/** The kernel lowers it to what it allows (listen(2)). */
const BACKLOG = 4096;

/** The sockets by their descriptors. @type {Map<number, Handle>} */
const handles = new Map();

/** @param {Question} question @returns {Answer} */
function answer(question) {
	if ('bind' in question) return bind(question.bind);
	if ('listen' in question) return listen(question.listen);
	const handle = handles.get(question.close);
	handles.delete(question.close);
	if (question.path === undefined) handle?.close();
	else closeAt(question.path, () => handle?.close());
	return {};
}

/**
 * When libuv closes a unix socket, it removes whatever is at its path. By now that may be somebody else's, which is out
 * of the way meanwhile.
 *
 * @param {string} path @param {() => void} close
 */
function closeAt(path, close) {
	const aside = `${path}.${randomBytes(6).toString('hex')}`;
	try {
		renameSync(path, aside);
	} catch {
		// ENOENT: nothing is there. EPERM: it is another user's, and cannot be removed either.
		close();
		return;
	}
	close();
	renameSync(aside, path);
}

/** @param {Address} address @returns {Answer} */
function bind(address) {
	const handle =
		'path' in address ? _createServerHandle(address.path, -1, -1) : _createServerHandle(address.host, address.port, 4);
	if (typeof handle === 'number') return { errno: handle };
	handles.set(handle.fd, handle);
	return { descriptor: handle.fd };
}

/**
 * Call this before each launch: a daemon that had the socket may have made it non-blocking, or may have ended the
 * listening by shutdown(2), for everybody who has it. As from systemd, a daemon gets it in blocking mode.
 *
 * @param {number} descriptor @returns {Answer}
 */
function listen(descriptor) {
	const handle = handles.get(descriptor);
	const errno = handle?.listen(BACKLOG) ?? 0;
	if (errno !== 0) return { errno };
	handle?.setBlocking(true);
	/** @type {{ port?: number }} */
	const name = {};
	handle?.getsockname?.(name);
	return { port: name.port };
}

const questions = new Int32Array(workerData);
for (;;) {
	const asked = Atomics.load(questions, 0);
	for (;;) {
		const received = parentPort && receiveMessageOnPort(parentPort);
		if (!received) break;
		const { question, port } = received.message;
		port.postMessage(answer(question));
	}
	Atomics.wait(questions, 0, asked);
}
