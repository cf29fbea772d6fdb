/** A caller whose working directory was removed: `in-a-removed-folder.mjs FOLDER`. It prints what its starts say. */
import { mkdtempSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/** @type {typeof import('../../src/index.ts')} */
const { withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const cwd = process.argv[2] ?? '';
const own = mkdtempSync(join(cwd, 'removed-'));
process.chdir(own);
rmdirSync(own);

const daemon = () => {
	console.log(`ready in ${process.cwd()}`);
	setInterval(() => {}, 1000);
};
/** @type {import('../../src/index.ts').DaemonOptions[]} */
const starts = [
	{ startupCommand: daemon, lookFor: 'ready', cwd },
	{ startupCommand: { module: './daemon.mjs' }, lookFor: 'ready', cwd, pidFile: 'a.pid', logFile: join(cwd, 'a.log') },
	{ startupCommand: ['sh', '-c', 'exit 3', './a'], lookFor: 'ready', cwd },
];
for (const options of starts)
	console.log(await withDaemon({ name: 'x', ...options }, ({ log }) => log.lines().join('\n')).catch(String));
