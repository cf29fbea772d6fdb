/**
 * `npm run test:matrix [versions]`: the tests on every supported Node, from the binaries in the npm registry. Node 20
 * is the one that everything else runs on.
 */
import { spawnSync } from 'node:child_process';

const versions = process.argv.length > 2 ? process.argv.slice(2) : ['20', '22', '24', '26'];
const failed = versions.filter(version => {
	const binary = `node-${process.platform}-${process.arch}@${version}`;
	console.log(`\n${binary}`);
	const vitest = ['node', 'node_modules/vitest/vitest.mjs', 'run'];
	const { status } = spawnSync('npm', ['exec', '--yes', `--package=${binary}`, '--', ...vitest], { stdio: 'inherit' });
	return status !== 0;
});
console.log(failed.length === 0 ? `\npassed on Node ${versions.join(', ')}` : `\nfailed on Node ${failed.join(', ')}`);
process.exitCode = failed.length;
