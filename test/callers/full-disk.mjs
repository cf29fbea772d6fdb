/** A caller whose temporary folder is on a full disk: its daemon fills the disk, or with `before` the caller does. */
import { appendFileSync, readdirSync } from 'node:fs';

/** @type {typeof import('../../src/index.ts')} */
const { withDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
/** The registry stays as long as the caller. @param {string} folder */
const pathsLeft = folder => readdirSync(folder).filter(name => name !== `withdaemon-${process.getuid?.()}`);

const [when = '', command = ''] = process.argv.slice(2);
const folder = process.env['TMPDIR'] ?? '';
try {
	while (when === 'before') appendFileSync(`${folder}/filler`, 'x'.repeat(1024));
} catch {
	// ENOSPC
}
const run = withDaemon({ startupCommand: [command, '{pidFile}'], lookFor: 'ready', timeout: 5000 }, () => {});
const error = await run.catch(reason => reason);
console.log(
	JSON.stringify({ name: error.name, message: error.message, code: error.cause?.code, left: pathsLeft(folder) }),
);
