/** The main step of the action for GitHub: starts the services, which go on for the steps after it. */
import { appendFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { annotate, findProgram, run } from './program.mjs';

const input = (/** @type {string} */ name) => (process.env[`INPUT_${name.toUpperCase()}`] ?? '').trim();

/** As in action.yml; an expression may have no value. */
const DEFAULT_LINES = '50';

const folder = resolve(input('working-directory'));
const config = input('config');
const names = input('names').split(/\s+/).filter(Boolean);
const program = findProgram(folder);

if (program === undefined) {
	annotate(
		`${folder} has no withdaemon in its node_modules: run \`npm ci\` in an earlier step, with withdaemon among the devDependencies.`,
	);
	process.exitCode = 127;
} else {
	// The step after the job finds it in its environment. It is saved first, as the start may be cancelled.
	const state = JSON.stringify({ program, folder, config, lines: input('log-lines') || DEFAULT_LINES });
	appendFileSync(String(process.env['GITHUB_STATE']), `withdaemon=${state}\n`);
	const words = ['start', ...(config ? ['--config', config] : []), ...names.flatMap(name => ['--only', name])];
	const { code } = await run(program, words, { cwd: folder });
	if (code !== 0) annotate(`withdaemon start has exited with code ${code}; the lines above say why.`);
	process.exitCode = code;
}
