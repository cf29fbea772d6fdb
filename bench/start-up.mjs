/**
 * `npm run bench:start-up` measures the time until the first line of a daemon in JavaScript is read, and compares it
 * with bare Node. All kinds alternate in one run; only their ratio can be compared between machines.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daemon } from 'withdaemon';

const ROUNDS = 40;
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const module = join(folder, 'daemon.mjs');
const bareModule = join(folder, 'bare.mjs');
const code = "console.log('ready'); setInterval(() => {}, 1000);";
writeFileSync(module, `export default () => { ${code} };\n`);
writeFileSync(bareModule, code);

/** @param {string[]} args */
const bare = args => async () => {
	const startedAt = performance.now();
	const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
	await once(child.stdout, 'data');
	const ms = performance.now() - startedAt;
	const gone = once(child, 'exit');
	child.kill('SIGKILL');
	await gone;
	return ms;
};

/** @param {Partial<import('withdaemon').CoreOptions>} options */
const daemon = options => async () => {
	const files = { pidFile: join(folder, 'daemon.pid'), logFile: join(folder, 'daemon.log') };
	const started = new Daemon({ name: 'bench', lookFor: 'ready', shutdownCommand: 'SIGKILL', ...files, ...options });
	const startedAt = performance.now();
	await started.startup();
	const ms = performance.now() - startedAt;
	await started.shutdown();
	return ms;
};

const kinds = {
	'bare node -e': bare(['-e', code]),
	'bare node file.mjs': bare([bareModule]),
	'node -e as a command': daemon({ startupCommand: [process.execPath, '-e', code] }),
	'a function': daemon({
		startupCommand: () => {
			console.log('ready');
			setInterval(() => {}, 1000);
		},
	}),
	'a module': daemon({ startupCommand: { module } }),
	'a command behind a hook': daemon({
		startupCommand: ['sh', '-c', 'echo ready; exec sleep 60'],
		beforeExec: () => {},
	}),
};
/** @type {Map<string, number[]>} */
const seen = new Map(Object.keys(kinds).map(kind => [kind, []]));
for (let round = 0; round < ROUNDS; round++)
	for (const [kind, measure] of Object.entries(kinds)) seen.get(kind)?.push(await measure());

rmSync(folder, { recursive: true });
/** @param {number[]} all */
const medianOf = all => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
const base = medianOf(seen.get('bare node -e') ?? []);
for (const [kind, all] of seen) {
	const [low, median, high] = [Math.min(...all), medianOf(all), Math.max(...all)].map(ms => ms.toFixed(1).padStart(6));
	console.log(`${kind.padEnd(24)} ${median} ms (${low} to ${high})   ${(medianOf(all) / base).toFixed(2)} x bare`);
}
