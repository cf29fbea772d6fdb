/**
 * `npm run test:matrix [versions] [ways]`: the tests on every supported Node, from the binaries in the npm registry,
 * and with each way to call libc: `koffi`, `ffi-napi` and `off`. Node 20 is the one that everything else runs on.
 * ffi-napi is installed for that alone, into a folder of its own, without its scripts.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const WAYS = ['koffi', 'ffi-napi', 'off'];
const VITEST = 'node_modules/vitest/vitest.mjs';

const given = process.argv.slice(2);
const versions = given.length > 0 ? given.filter(one => !WAYS.includes(one)) : ['20', '22', '24', '26'];
const ways = given.length > 0 ? given.filter(one => WAYS.includes(one)) : WAYS;

/** @param {string} version */
function passesOn(version) {
	const binary = `node-${process.platform}-${process.arch}@${version}`;
	console.log(`\n${binary}`);
	return run('npm', ['exec', '--yes', `--package=${binary}`, '--', 'node', VITEST, 'run']);
}

/** @param {string} way */
function passesWith(way) {
	console.log(`\nWITHDAEMON_FFI=${way}`);
	if (way !== 'ffi-napi') return run(process.execPath, [VITEST, 'run'], { WITHDAEMON_FFI: way });
	const folder = mkdtempSync(join(tmpdir(), 'ffi-napi-'));
	try {
		writeFileSync(join(folder, 'package.json'), '{ "private": true }');
		const isInstalled = run('npm', [
			'install',
			'--prefix',
			folder,
			'--ignore-scripts',
			'--no-audit',
			'--no-fund',
			'ffi-napi@4',
		]);
		// A worker thread that loads it crashes.
		const vitest = [VITEST, 'run', '--pool', 'forks'];
		return (
			isInstalled && run(process.execPath, vitest, { WITHDAEMON_FFI: way, NODE_PATH: join(folder, 'node_modules') })
		);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** @param {string} command @param {readonly string[]} args @param {NodeJS.ProcessEnv} [env] */
function run(command, args, env = {}) {
	return spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } }).status === 0;
}

const failed = [...versions.filter(version => !passesOn(version)), ...ways.filter(way => !passesWith(way))];
console.log(failed.length === 0 ? `\npassed: ${[...versions, ...ways].join(', ')}` : `\nfailed: ${failed.join(', ')}`);
process.exitCode = failed.length;
