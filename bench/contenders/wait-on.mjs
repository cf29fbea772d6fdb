/** The tools that are built on wait-on: itself beside a child process, jest-dev-server and start-server-and-test. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { load } from './peer.mjs';

/** @typedef {import('../host.mjs').Cycle} Cycle */

/** @type {() => Cycle} */
const makeWaitOn = () => {
	/** @type {(options: { resources: string[] }) => Promise<void>} */
	const waitOn = load('wait-on');
	return async (daemon, inUse) => {
		const child = spawn(daemon.file, daemon.args, { stdio: 'ignore' });
		const gone = new Promise(resolve => child.once('exit', resolve));
		await waitOn({ resources: [`tcp:127.0.0.1:${daemon.port}`] });
		await inUse();
		child.kill();
		await gone;
	};
};

/** @type {() => Cycle} */
const makeJestDevServer = () => {
	/** @type {{ setup(options: object): Promise<object>, teardown(servers: object): Promise<void> }} */
	const { setup, teardown } = load('jest-dev-server');
	return async ({ command, port }, inUse) => {
		// Its own limit is 5 s, which is how long one phase waits.
		const servers = await setup({ command, port, launchTimeout: 30_000 });
		await inUse();
		await teardown(servers);
	};
};

/** @type {() => Cycle} */
const makeStartServerAndTest = () => {
	/** @type {{ startAndTest(options: object): Promise<void> }} */
	const { startAndTest } = load('start-server-and-test');
	return async ({ file, command, port, stamps }, inUse) => {
		const services = [{ start: command, url: `http://127.0.0.1:${port}` }];
		const test = `${file.replace(/fixture$/, 'command')} ${stamps}`;
		await startAndTest({ services, test, namedArguments: { expect: 200 } });
		// What it runs is a command, which has stamped its begin and its end: `native/stamps.h`.
		const bytes = readFileSync(stamps);
		await inUse({ ready: Number(bytes.readBigInt64LE(4 * 8)), stop: Number(bytes.readBigInt64LE(5 * 8)) });
	};
};

const makers = new Map([
	['wait-on', makeWaitOn],
	['jest-dev-server', makeJestDevServer],
	['start-server-and-test', makeStartServerAndTest],
]);

/** @param {string} exported */
export function prepare(exported) {
	const make = makers.get(exported);
	if (!make) throw new Error(`no such contender: ${exported}`);
	return make();
}
