/**
 * `npm run soak:ready [-- --times 20 --only redis-server]` starts each server of Debian again and again, and sends it
 * one request at the moment when it counts as ready. It prints a table. A request that is not answered leads to exit
 * code 1.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { databases } from './debian/databases.mjs';
import { findProgram } from './debian/entry.mjs';
import { networking } from './debian/networking.mjs';
import { webServers } from './debian/web-servers.mjs';

const build = process.env['WITHDAEMON_TEST_BUILD'];
/** @type {typeof import('../src/index.ts')} */
const library = await import(build ? `${build}/index.js` : 'withdaemon');
const { values } = parseArgs({
	options: { times: { type: 'string', default: '20' }, only: { type: 'string', multiple: true } },
});
const times = Number(values.times);
const all = mkdtempSync(join(tmpdir(), 'soak-ready-'));
// Some become other users.
chmodSync(all, 0o711);

/** @param {string} debianPackage */
function versionOf(debianPackage) {
	try {
		return execFileSync('dpkg-query', ['-W', '-f', '${Version}', debianPackage], { encoding: 'utf8' });
	} catch {
		return 'unknown';
	}
}

/**
 * Of so many starts, how many first requests were answered.
 *
 * @param {import('./debian/entry.mjs').Entry} entry @param
 * {string} program
 */
async function count(entry, program) {
	const folder = join(all, entry.program);
	mkdirSync(folder);
	const options = { ...entry.prepare({ folder, program, library }), startupTimeout: 120_000, shutdownTimeout: 60_000 };
	let answered = 0;
	for (let time = 1; time <= times; time++) {
		let answer = 'nothing';
		try {
			await library.withDaemon(options, async daemon => {
				answer = await entry.ask(daemon);
			});
		} catch (error) {
			// Such as a server that misses a SIGTERM: that says nothing about the answer.
			console.error(`${entry.program}: ${error}`);
		}
		if (answer.startsWith(entry.begins)) answered += 1;
		else console.error(`${entry.program} answered ${JSON.stringify(answer)}`);
	}
	return answered;
}

console.log('| server | Debian package | options | first requests answered |');
console.log('| --- | --- | --- | --- |');
let missed = 0;
for (const entry of [...webServers, ...databases, ...networking]) {
	if (values.only && !values.only.includes(entry.program)) continue;
	const program = findProgram(entry.program);
	const answered = program === undefined ? 0 : await count(entry, program);
	const result = program === undefined ? 'not installed' : `${answered} of ${times}`;
	if (program !== undefined) missed += times - answered;
	console.log(
		`| ${entry.program} | ${entry.debianPackage} ${versionOf(entry.debianPackage)} | \`${entry.readyBy}\` | ${result} |`,
	);
}
rmSync(all, { recursive: true });
process.exitCode = missed === 0 ? 0 : 1;
