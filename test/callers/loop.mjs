/** Callers that wait for one thing and never tear anything down; the argument selects one. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @type {typeof import('../../src/index.ts')} */
const { Daemon, startDaemon, withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const untilTold = 'echo ready; while [ ! -e "$0" ]; do sleep 0.01; done; exit 3';
const brief = { startupCommand: ['sh', '-c', untilTold, '{dir}/end'], lookFor: 'ready' };
/**
 * Lets the daemon end, once the caller waits for that.
 *
 * @template T
 * @param {{ dir: string }} daemon
 * @param {T} waiting
 */
const end = ({ dir }, waiting) => {
	writeFileSync(join(dir, 'end'), '');
	return waiting;
};
const start = async () => {
	const daemon = await startDaemon(brief);
	// Nothing else removes it.
	process.on('exit', () => rmSync(daemon.dir, { recursive: true }));
	return daemon;
};
/** @param {number} pid */
const parentOf = pid => Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);

/** @type {Record<string, () => Promise<unknown>>} */
const scenarios = {
	exited: async () => {
		const daemon = await start();
		return await end(daemon, daemon.exited);
	},
	'exited without launcher': async () => {
		const daemon = await start();
		process.kill(parentOf(daemon.pid), 'SIGKILL');
		return await end(daemon, daemon.exited);
	},
	'exited of an adopted daemon': async () => {
		const daemon = await start();
		const { name, pidFile } = daemon;
		const other = await new Daemon({ name, pidFile, startupCommand: 'true' }).startup();
		return await end(daemon, other.exited);
	},
	follow: async () => {
		const daemon = await start();
		const lines = [];
		for await (const line of daemon.log.follow()) end(daemon, lines.push(line));
		return lines;
	},
	'withDaemon after a restart': async () =>
		await withDaemon(brief, async daemon => {
			await daemon.restart();
			await end(daemon, new Promise(() => {}));
		}).catch(error => error.name),
};
console.log(JSON.stringify(await scenarios[process.argv[2] ?? '']?.()));
