/**
 * A caller that starts two daemons, and prints the command lines of its reaper and of their launchers as JSON. Its
 * argument: its size in MB.
 */
import { readdirSync, readFileSync } from 'node:fs';

const ballast = Buffer.alloc(Number(process.argv[2]) * 1e6, 1);
/** @type {typeof import('../../src/index.ts')} */
const { withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
/** @param {string | number | undefined} pid */
const commandOf = pid => readFileSync(`/proc/${pid}/cmdline`, 'latin1');
const show = () =>
	withDaemon({ startupCommand: 'sleep 1000' }, ({ pid }) => {
		const [, launcher] = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
		return commandOf(launcher);
	});
const launchers = [await show(), await show()];
const children = readdirSync('/proc/self/task').flatMap(thread =>
	readFileSync(`/proc/self/task/${thread}/children`, 'latin1').trim().split(' '),
);
const reaper = children.map(commandOf).find(command => command.includes('withdaemon:reaper'));
console.log(JSON.stringify([reaper, ...launchers, ballast.length].slice(0, 3)));
