/** A caller that starts two daemons, and prints the command lines of their launchers as JSON. Its argument: its size in MB. */
import { readFileSync } from 'node:fs';

const ballast = Buffer.alloc(Number(process.argv[2]) * 1e6, 1);
/** @type {typeof import('../../src/index.ts')} */
const { withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const show = () =>
	withDaemon({ startupCommand: 'sleep 1000' }, ({ pid }) => {
		const [, launcher] = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
		return readFileSync(`/proc/${launcher}/cmdline`, 'latin1');
	});
console.log(JSON.stringify([await show(), await show(), ballast.length].slice(0, 2)));
