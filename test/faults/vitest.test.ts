/** vitest or its worker is killed while a test hangs: the daemon ends, however stubborn it and its children are. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { eventually, expectNothingLeft, familyOf, type Said } from '../support/doomed-callers.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const config = join(root, 'fixtures/vitest-hanging/vitest.config.ts');

interface Note extends Said {
	readonly worker: number;
}

async function startHanging(pool: string) {
	const temporary = temporaryFolder();
	const NOTE = join(temporary, 'note.json');
	// vitest marks its workers by such variables.
	const inherited = Object.entries(process.env).filter(([name]) => !/^VITEST/.test(name));
	const vitest = spawn(
		'node',
		[join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', config, '--pool', pool],
		{
			env: { ...Object.fromEntries(inherited), NOTE, TMPDIR: temporary },
			stdio: 'ignore',
		},
	);
	onTestFinished(() => void vitest.kill('SIGKILL'));
	const ended = once(vitest, 'exit');
	await eventually(() => existsSync(NOTE) && readFileSync(NOTE, 'utf8').endsWith('\n'));
	const note: Note = JSON.parse(readFileSync(NOTE, 'utf8'));
	const family = familyOf(note);
	expect(family.filter(pid => !isGone(pid))).toHaveLength(3);
	return { temporary, vitest, ended, family, worker: note.worker };
}

/** All pools at the same time, as each takes a while. */
async function expectNothingAfter(
	pools: readonly string[],
	end: (run: Awaited<ReturnType<typeof startHanging>>) => unknown,
) {
	const runs = await Promise.all(pools.map(startHanging));
	for (const run of runs) end(run);
	await Promise.all(runs.map(({ family, temporary }) => expectNothingLeft(family, temporary)));
	for (const { vitest } of runs) vitest.kill('SIGKILL');
	await Promise.all(runs.map(({ ended }) => ended));
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
	await expectNothingAfter(['forks', 'vmForks'], ({ vitest, worker }) => {
		expect(worker).not.toBe(vitest.pid);
		process.kill(worker, 'SIGKILL');
	});
}, 240_000);
