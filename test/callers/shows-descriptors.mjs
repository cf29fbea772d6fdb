/** A caller that prints what its daemon has open: link targets of /proc/PID/fd, as JSON. */
import { readdirSync, readlinkSync } from 'node:fs';

/** @type {typeof import('../../src/index.ts')} */
const { withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
await withDaemon({ startupCommand: 'sleep 1000' }, ({ pid }) => {
	const folder = `/proc/${pid}/fd`;
	console.log(JSON.stringify(Object.fromEntries(readdirSync(folder).map(fd => [fd, readlinkSync(`${folder}/${fd}`)]))));
});
