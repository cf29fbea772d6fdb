/** vitest or its worker is killed while a test hangs: the daemon ends, however stubborn it and its children are. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { eventually, expectNothingLeft, familyOf, type Said } from '../support/doomed-callers.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';
import { onTestFinished } from '../support/this-test.ts';
import { environmentForThreads } from '../support/way-to-libc.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const config = join(root, 'fixtures/vitest-hanging/vitest.config.ts');

interface Note extends Said {
	readonly worker: number;
}

/** One vitest, in which the suite hangs in each of these pools at the same time. */
async function startHanging(pools: readonly string[]) {
	const temporary = temporaryFolder();
	const NOTES = temporaryFolder();
	// vitest marks its workers by such variables.
	const inherited = Object.entries(environmentForThreads()).filter(([name]) => !/^VITEST/.test(name));
	const vitest = spawn('node', [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', config], {
		env: { ...Object.fromEntries(inherited), POOLS: pools.join(' '), NOTES, TMPDIR: temporary },
		stdio: 'ignore',
	});
	onTestFinished(() => void vitest.kill('SIGKILL'));
	const ended = once(vitest, 'exit');
	const texts = () =>
		pools.map(pool => join(NOTES, pool)).map(path => (existsSync(path) ? readFileSync(path, 'utf8') : ''));
	await eventually(() => texts().every(text => text.endsWith('\n')));
	const notes: Note[] = texts().map(text => JSON.parse(text));
	const family = notes.flatMap(familyOf);
	expect(family.filter(pid => !isGone(pid))).toHaveLength(3 * pools.length);
	return { temporary, vitest, ended, family, workers: notes.map(({ worker }) => worker) };
}

async function expectNothingAfter(
	pools: readonly string[],
	end: (run: Awaited<ReturnType<typeof startHanging>>) => unknown,
) {
	const run = await startHanging(pools);
	end(run);
	await expectNothingLeft(run.family, run.temporary);
	run.vitest.kill('SIGKILL');
	await run.ended;
}

test('a vitest that is killed takes the daemons of its workers with it, in every pool', async () => {
	await expectNothingAfter(['forks', 'threads', 'vmForks', 'vmThreads'], ({ vitest }) => vitest.kill('SIGKILL'));
}, 240_000);

test('a vitest that is interrupted takes the daemons of its workers with it, in every pool', async () => {
	await expectNothingAfter(['forks', 'threads', 'vmThreads'], ({ vitest }) => vitest.kill('SIGINT'));
}, 240_000);

test('a vitest that is terminated takes the daemons of its workers with it, in every pool', async () => {
	await expectNothingAfter(['forks', 'threads', 'vmThreads'], ({ vitest }) => vitest.kill('SIGTERM'));
}, 240_000);

test('a worker of vitest that is killed takes its daemon with it, while vitest goes on', async () => {
	await expectNothingAfter(['forks', 'vmForks'], ({ vitest, workers }) => {
		expect(workers).not.toContain(vitest.pid);
		for (const worker of workers) process.kill(worker, 'SIGKILL');
	});
}, 240_000);
