/** vitest itself, or its worker, is killed while a test hangs: its daemon goes, however stubborn it and its children are. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, type TestContext, test } from 'vitest';
import { eventually, expectNothingLeft, familyOf, type Said } from '../support/doomed-callers.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const config = join(root, 'fixtures/vitest-hanging/vitest.config.ts');

interface Note extends Said {
	readonly worker: number;
}

async function startHanging(pool: string, { onTestFinished }: TestContext) {
	const temporary = temporaryFolder(onTestFinished);
	const NOTE = join(temporary, 'note.json');
	// vitest tells its workers by such variables what they are.
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

test.concurrent.for([
	['SIGKILL', 'forks'],
	['SIGKILL', 'threads'],
	['SIGKILL', 'vmThreads'],
	['SIGKILL', 'vmForks'],
	['SIGTERM', 'forks'],
	['SIGTERM', 'threads'],
	['SIGINT', 'forks'],
	['SIGINT', 'vmThreads'],
] as const)('%s for vitest in the pool %s', async ([signal, pool], context) => {
	const { temporary, vitest, ended, family } = await startHanging(pool, context);
	vitest.kill(signal);
	await ended;
	await expectNothingLeft(family, temporary);
});

test.concurrent.for(['forks', 'vmForks'] as const)('SIGKILL for its worker in the pool %s', async (pool, context) => {
	const { temporary, vitest, ended, family, worker } = await startHanging(pool, context);
	expect(worker).not.toBe(vitest.pid);
	process.kill(worker, 'SIGKILL');
	await expectNothingLeft(family, temporary);
	vitest.kill('SIGKILL');
	await ended;
});
