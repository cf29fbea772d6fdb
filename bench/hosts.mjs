/** Starts the hosts of contenders, each under a subreaper and in its own folder, and asks them for cycles. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {import('./contenders/contenders.mjs').Contender} Contender
 * @typedef {import('./host.mjs').Answer} Answer
 * @typedef {import('./bench.mjs').Bench} Bench
 *
 * @typedef {object} Setting of a host
 * @property {number} [sizeMb] how much memory it has written
 * @property {number} [warmUps]
 *
 * @typedef {object} Request
 * @property {number} [daemons] at the same time
 * @property {number} [delayMs] until a daemon is ready
 * @property {number} [crowd] so many processes that are started before the daemon is asked to end
 * @property {boolean} [isWatched] whether the event loop is to be watched
 */

const HOST = fileURLToPath(new URL('host.mjs', import.meta.url));
/** What the fixture stamps, in this order: `native/stamps.h`. */
const STAMPS = /** @type {const} */ (['main', 'ready', 'signal', 'exit', 'commandBegin', 'commandEnd', 'pid']);
export const NO_STAMPS = Buffer.alloc(8 * STAMPS.length);
/** The first cycles of a process cost more: they load and compile. */
const WARM_UPS = 5;
/** A daemon may end after its tool has said that it is gone. */
const STRAGGLING_MS = 5000;
const HANGING_MS = 60_000;

export class Host {
	#channel;
	#child;
	#answers;
	#name;
	#folder;
	#hangs = false;

	/**
	 * @param {Bench} bench
	 * @param {Contender} contender
	 * @param {Setting} setting
	 */
	constructor(bench, contender, { sizeMb = 0 }) {
		const { native, packageFolder } = bench;
		const { onDisk = false } = contender;
		this.#name = contender.name;
		this.by = contender.by;
		this.#folder = join(onDisk ? bench.disk : bench.memory, `host-${++Host.count}`);
		mkdirSync(this.#folder);
		const host = [process.execPath, '--no-memory-reducer', HOST];
		const what = [contender.file ?? '', contender.exported ?? '', String(sizeMb), packageFolder];
		const command = contender.command?.(native.fixture) ?? [...host, ...what, native.fixture, contender.by];
		const errors = openSync(join(this.#folder, 'stderr'), 'w');
		const options = { cwd: this.#folder, env: { ...bench.env, TMPDIR: this.#folder, ...contender.env } };
		const child = spawn(native.subreaper, command, { ...options, stdio: ['ignore', 'ignore', errors, 'pipe'] });
		closeSync(errors);
		this.#child = child;
		this.gone = new Promise(resolve => child.once('exit', resolve));
		this.#channel = /** @type {import('node:net').Socket} */ (child.stdio[3]);
		this.#channel.on('error', () => {});
		Host.#running.add(this);
		this.#answers = createInterface({ input: this.#channel })[Symbol.asyncIterator]();
	}

	static count = 0;
	/** @type {Set<Host>} */
	static #running = new Set();

	/** Ends all that are there. */
	static async endAll() {
		await Promise.all([...Host.#running].map(host => host.end()));
	}

	/** Resolves when it has loaded its contender. */
	async begun() {
		return await this.#answer();
	}

	/** @param {Request} request */
	async cycle({ daemons = 1, delayMs = 0, crowd = 0, isWatched = false } = {}) {
		// An answer that comes too late would be taken for that to this request.
		if (this.#hangs) throw new Error(`${this.#name} hangs`);
		const file = join(this.#folder, 'stamps');
		writeFileSync(file, NO_STAMPS);
		const port = this.by === 'tcp' || this.by === 'http' ? await freePort() : 0;
		this.#channel.write(`${daemons} ${delayMs} ${file} ${port} ${crowd} ${isWatched ? 'watched' : ''}\n`);
		const answer = /** @type {Answer} */ (await this.#answer());
		return { ...answer, stamps: await untilEnded(file) };
	}

	async #answer() {
		const late = new AbortController();
		const hangs = pause(HANGING_MS, undefined, { signal: late.signal }).catch(() => undefined);
		const line = await Promise.race([this.#answers.next(), hangs]);
		late.abort();
		if (line === undefined) {
			this.#hangs = true;
			throw new Error(`${this.#name} did not answer within ${HANGING_MS} ms`);
		}
		if (line.done) throw new Error(`its host ended: ${lastLine(join(this.#folder, 'stderr'))}`);
		const answer = JSON.parse(line.value);
		if (answer.error) throw new Error(answer.error);
		return answer;
	}

	async end() {
		Host.#running.delete(this);
		this.#channel.end();
		const late = setTimeout(() => this.#child.kill('SIGKILL'), HANGING_MS);
		await this.gone;
		clearTimeout(late);
	}
}

/**
 * Starts the hosts of those contenders that are wanted and installed, and warms them up. They end with the phase.
 * @param {Bench} bench
 * @param {readonly Contender[]} contenders
 * @param {Setting} [setting]
 */
export async function startHosts(bench, contenders, setting = {}) {
	const hosts = [];
	const missing = [];
	for (const contender of contenders) {
		const name = contender.by === 'line' ? contender.name : `${contender.name}, ${contender.by}`;
		if (!bench.wants(name)) continue;
		const why = contender.missing?.() ?? (await begin(bench, contender, setting));
		if (why instanceof Host) hosts.push({ name, host: why, note: contender.note });
		else missing.push({ name, why });
	}
	return { hosts, missing };
}

/**
 * @param {Bench} bench
 * @param {Contender} contender
 * @param {Setting} setting
 * @returns {Promise<Host | string>} or the reason why there is none
 */
async function begin(bench, contender, setting) {
	const host = new Host(bench, contender, setting);
	try {
		await host.begun();
		for (let cycle = 0; cycle < (setting.warmUps ?? WARM_UPS); cycle += 1) await host.cycle();
		return host;
	} catch (error) {
		await host.end();
		return `failed: ${error instanceof Error ? error.message : error}`;
	}
}

/**
 * Waits until the daemon has ended, which it may do after its tool has said so.
 * @param {string} file
 */
export async function untilEnded(file) {
	for (const deadline = Date.now() + STRAGGLING_MS; ; await pause(1)) {
		const bytes = readFileSync(file);
		const stamp = (/** @type {(typeof STAMPS)[number]} */ name) =>
			Number(bytes.readBigInt64LE(STAMPS.indexOf(name) * 8));
		const stamps = {
			...{ main: stamp('main'), ready: stamp('ready'), signal: stamp('signal'), exit: stamp('exit') },
			...{ commandBegin: stamp('commandBegin'), commandEnd: stamp('commandEnd') },
		};
		if (stamps.exit !== 0 || !isAlive(stamp('pid')) || Date.now() > deadline) return stamps;
	}
}

/** @param {number} pid */
function isAlive(pid) {
	try {
		return pid > 0 && process.kill(pid, 0);
	} catch {
		return false;
	}
}

/** @returns {Promise<number>} */
export async function freePort() {
	const server = createServer().listen(0, '127.0.0.1');
	await new Promise(resolve => server.once('listening', resolve));
	const address = server.address();
	await new Promise(resolve => server.close(resolve));
	return typeof address === 'object' && address ? address.port : 0;
}

/** @param {string} file */
function lastLine(file) {
	const lines = readFileSync(file, 'utf8').trim().split('\n');
	return (lines.find(line => /error/i.test(line)) ?? lines.at(-1)) || 'it said nothing';
}
