/** Runs the suites of `fixtures/vitest/` in a separate vitest, and returns how they ended and what they left. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Outcome } from '../../fixtures/vitest/outcome-reporter.ts';
import { environmentForThreads } from '../support/way-to-libc.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const config = join(root, 'fixtures/vitest/vitest.config.ts');

export interface Run {
	readonly exitCode: number | undefined;
	readonly stderr: string;
	/** How each test, suite and file ended; `run` has the errors that belong to none of them. */
	readonly outcome: Outcome;
	/** The commands of all daemons that were started. */
	readonly started: readonly string[];
	/** Those that still run. */
	readonly left: readonly string[];
}

export async function runSuites(...args: readonly string[]): Promise<Run> {
	const folder = mkdtempSync(join(tmpdir(), 'suites-'));
	const [OUTCOME, PIDS] = [join(folder, 'outcome.json'), join(folder, 'pids')];
	// vitest marks its workers by such variables.
	const inherited = Object.entries(environmentForThreads()).filter(([name]) => !/^VITEST/.test(name));
	try {
		const { exitCode, stderr, all } = await execa('node', [vitest, 'run', '--config', config, ...args], {
			env: { ...Object.fromEntries(inherited), OUTCOME, PIDS },
			extendEnv: false,
			reject: false,
			all: true,
		});
		if (!existsSync(OUTCOME)) throw new Error(`vitest could not run the suites:\n${all}`);
		const started = readFileSync(PIDS, 'utf8').trimEnd().split('\n');
		const left = started.filter(line => environmentOf(line).includes(`PIDS=${PIDS}\0`));
		return { exitCode, stderr, outcome: JSON.parse(readFileSync(OUTCOME, 'utf8')), started, left };
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** By then the kernel may have given the pid again. Empty if there is no such process, or only its zombie. */
function environmentOf(line: string): string {
	try {
		return readFileSync(`/proc/${Number.parseInt(line, 10)}/environ`, 'latin1');
	} catch {
		// ENOENT, ESRCH
		return '';
	}
}
