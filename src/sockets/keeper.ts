/** Talks to the thread that keeps the listening sockets of this process. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MessagePort, Worker } from 'node:worker_threads';
import { workerThreads } from '../builtins.ts';
import { systemErrorOf } from '../os/errno.ts';
import { deferred } from '../time/deadline.ts';
import type { Address, Answer, Question } from './thread.cjs';

interface Keeper {
	readonly thread: Worker;
	/** How many questions were asked. The thread sleeps on it. */
	readonly questions: Int32Array;
}

/** Test runners load the library anew for every file: its copies in a thread share one. */
const KEY = Symbol.for('withdaemon.sockets.1');
const shared = process as { [KEY]?: Keeper | undefined };

/** Makes a socket that does not listen yet. Resolves to its descriptor, which no child process gets by itself. */
export async function bind(address: Address): Promise<number> {
	const { descriptor = -1 } = await ask({ bind: address }, 'bind', describe(address));
	return descriptor;
}

/** Lets the socket listen, again if need be, in blocking mode. Resolves to its port, if it has one. */
export async function listen(descriptor: number, address: Address): Promise<number | undefined> {
	return (await ask({ listen: descriptor }, 'listen', describe(address))).port;
}

/** @param path of a unix socket: what is there stays. */
export async function close(descriptor: number, path?: string): Promise<void> {
	await ask({ close: descriptor, path }, 'close', `descriptor ${descriptor}`);
}

const describe = (address: Address) => ('path' in address ? address.path : `${address.host}:${address.port}`);

/** @throws a system error: EADDRINUSE, EACCES, EMFILE. */
async function ask(question: Question, syscall: string, about: string): Promise<Answer> {
	shared[KEY] ??= startKeeper();
	const { thread, questions } = shared[KEY];
	const { port1, port2 } = new (workerThreads().MessageChannel)();
	const answered = firstMessage(port1, thread);
	thread.postMessage({ question, port: port2 }, [port2]);
	Atomics.add(questions, 0, 1);
	Atomics.notify(questions, 0);
	try {
		const answer = await answered;
		if (answer.errno === undefined) return answer;
		throw systemErrorOf(answer.errno, syscall, about);
	} finally {
		port1.close();
	}
}

async function firstMessage(port: MessagePort, thread: Worker): Promise<Answer> {
	const { promise, resolve, reject } = deferred<Answer>();
	thread.once('error', reject);
	port.once('message', resolve);
	try {
		return await promise;
	} finally {
		thread.off('error', reject);
	}
}

function startKeeper(): Keeper {
	const buffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
	// Without the caller's NODE_OPTIONS and flags: a hook for TypeScript, for example, would only slow its start down.
	const thread = new (workerThreads().Worker)(join(fileURLToPath(import.meta.url), '../../sockets/thread.cjs'), {
		workerData: buffer,
		env: {},
		execArgv: [],
	});
	thread.unref();
	thread.once('error', () => {
		shared[KEY] = undefined;
	});
	return { thread, questions: new Int32Array(buffer) };
}
