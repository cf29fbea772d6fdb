/** Daemons in JavaScript, by the library and by bare Node. Their "cycle" is known ready by their first line. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** @typedef {import('../host.mjs').Cycle} Cycle */

const CODE = "console.log('ready'); setInterval(() => {}, 1000);";

/** @type {(args: string[]) => Cycle} */
const bare = args => async (_, inUse) => {
	const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
	await once(child.stdout, 'data');
	await inUse();
	const gone = once(child, 'exit');
	child.kill('SIGKILL');
	await gone;
};

/**
 * @param {string} exported
 * @param {string} packageFolder
 * @returns {Promise<Cycle>}
 */
export async function prepare(exported, packageFolder) {
	writeFileSync('bare.mjs', CODE);
	writeFileSync('daemon.mjs', `export default () => { ${CODE} };\n`);
	/** @type {typeof import('withdaemon')} */
	const { Daemon } = await import(pathToFileURL(join(packageFolder, 'dist/index.js')).href);
	/** @type {(options: Partial<import('withdaemon').CoreOptions>) => Cycle} */
	const daemon = options => async (_, inUse) => {
		const files = { pidFile: resolve('daemon.pid'), logFile: resolve('daemon.log') };
		const started = new Daemon({ name: 'bench', lookFor: 'ready', shutdownCommand: 'SIGKILL', ...files, ...options });
		await started.startup();
		await inUse();
		await started.shutdown();
	};
	/** @type {Record<string, Cycle>} */
	const kinds = {
		'bare node -e': bare(['-e', CODE]),
		'bare node file.mjs': bare(['bare.mjs']),
		'node -e as a command': daemon({ startupCommand: [process.execPath, '-e', CODE] }),
		'a function': daemon({
			startupCommand: () => {
				console.log('ready');
				setInterval(() => {}, 1000);
			},
		}),
		'a module': daemon({ startupCommand: { module: resolve('daemon.mjs') } }),
		'a command behind a hook': daemon({
			startupCommand: ['sh', '-c', 'echo ready; exec sleep 60'],
			beforeExec: () => {},
		}),
	};
	const cycle = kinds[exported];
	if (!cycle) throw new Error(`no such kind of daemon: ${exported}`);
	return cycle;
}
