/** Callers that wait for one thing and never tear anything down; the argument selects one. */
import { readFileSync, rmSync } from 'node:fs';

/** @type {typeof import('../../src/index.ts')} */
const { Daemon, startDaemon, withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const brief = { startupCommand: ['sh', '-c', 'echo ready; sleep 0.2; exit 3'], lookFor: 'ready' };
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
	exited: async () => (await start()).exited,
	'exited without launcher': async () => {
		const daemon = await start();
		process.kill(parentOf(daemon.pid), 'SIGKILL');
		return await daemon.exited;
	},
	'exited of an adopted daemon': async () => {
		const { name, pidFile } = await start();
		const other = await new Daemon({ name, pidFile, startupCommand: 'true' }).startup();
		return await other.exited;
	},
	follow: async () => {
		const lines = [];
		for await (const line of (await start()).log.follow()) lines.push(line);
		return lines;
	},
	'withDaemon after a restart': async () =>
		await withDaemon(brief, async daemon => {
			await daemon.restart();
			await new Promise(() => {});
		}).catch(error => error.name),
};
console.log(JSON.stringify(await scenarios[process.argv[2] ?? '']?.()));
