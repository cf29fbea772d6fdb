/**
 * `npm run bench:caller-death` measures the time from the SIGKILL of a caller until its daemon gets the first signal,
 * and until nothing is left. It alternates with the start of bare Node, because the reaper starts Node before it
 * signals.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const ROUNDS = 20;
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const temporary = mkdtempSync(join(folder, 'tmp-'));
const note = join(folder, 'note');

// The monotonic clock is the same for all processes of a machine.
const daemon = `process.on('SIGINT', () => {
	require('node:fs').writeFileSync(${JSON.stringify(note)}, String(process.hrtime.bigint()));
	process.exit();
}); console.log('ready'); setInterval(() => {}, 1000);`;
const caller = `import { startDaemon } from 'withdaemon';
await startDaemon({ startupCommand: ['node', '-e', ${JSON.stringify(daemon)}], lookFor: 'ready' });
console.log('ready'); setInterval(() => {}, 1000);`;

const msSince = (/** @type {bigint} */ start, end = process.hrtime.bigint()) => Number(end - start) / 1e6;

async function killCaller() {
	rmSync(note, { force: true });
	const { XDG_RUNTIME_DIR: _, ...env } = process.env;
	const child = spawn(process.execPath, ['--input-type=module', '-e', caller], {
		stdio: ['ignore', 'pipe', 'inherit'],
		env: { ...env, TMPDIR: temporary },
	});
	await once(createInterface(child.stdout), 'line');
	const start = process.hrtime.bigint();
	child.kill('SIGKILL');
	while (readdirSync(temporary).length > 0) await delay(1);
	const clean = msSince(start);
	if (!existsSync(note)) throw new Error('the daemon was not asked');
	return { signal: msSince(start, BigInt(readFileSync(note, 'latin1'))), clean };
}

function startBareNode() {
	const start = process.hrtime.bigint();
	spawnSync(process.execPath, ['-e', '0']);
	return msSince(start);
}

/** @type {Record<string, number[]>} */
const seen = { 'bare node -e 0': [], 'first signal': [], 'nothing left': [] };
for (let round = 0; round < ROUNDS; round += 1) {
	const { signal, clean } = await killCaller();
	seen['bare node -e 0']?.push(startBareNode());
	seen['first signal']?.push(signal);
	seen['nothing left']?.push(clean);
}
rmSync(folder, { recursive: true });

/** @param {number[]} all */
const medianOf = all => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
const base = medianOf(seen['bare node -e 0'] ?? []);
for (const [what, all] of Object.entries(seen)) {
	const [low, median, high] = [Math.min(...all), medianOf(all), Math.max(...all)].map(ms => ms.toFixed(1).padStart(6));
	console.log(`${what.padEnd(16)} ${median} ms (${low} to ${high})   ${(medianOf(all) / base).toFixed(2)} x bare`);
}
