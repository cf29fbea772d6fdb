/** In a vitest of its own, whose only worker runs all files one after the other, by their names. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/fixtures.ts';
import { project, startVitest } from '../support/projects.ts';

const setup = fileURLToPath(new URL('own-folder.ts', import.meta.url));
const files = {
	'vitest.config.mjs': `
		import { BaseSequencer } from 'vitest/node';
		class ByName extends BaseSequencer {
			sort = async files => files.toSorted((one, other) => one.moduleId.localeCompare(other.moduleId));
		}
		const setupFiles = [${JSON.stringify(setup)}];
		const sequence = { sequencer: ByName };
		export default { test: { include: ['*.suite.mjs'], isolate: false, maxWorkers: 1, setupFiles, sequence } };`,
	'1.suite.mjs': `
		import { test, vi } from 'vitest';
		test('a file that changes its process', () => {
			vi.stubEnv('LEFT', 'yes');
			vi.spyOn(process, 'cwd').mockReturnValue('/left');
			vi.useFakeTimers();
		});`,
	'2.suite.mjs': `
		import { mkdirSync, writeFileSync } from 'node:fs';
		import { expect, test, vi } from 'vitest';
		test('the next one finds nothing of that', () => {
			expect([process.env.LEFT, process.cwd() === '/left', vi.isFakeTimers()]).toEqual([undefined, false, false]);
		});
		test('and leaves a daemon', () => {
			const caller = process.env.TMPDIR + '/registry/' + process.pid + '.1.0a1b2c3d';
			mkdirSync(caller, { recursive: true });
			writeFileSync(caller + '/0.jsonl', '');
		});`,
	'3.suite.mjs': "import { test } from 'vitest'; test('which the one after it reports', () => {});",
	'4.suite.mjs': "import { test } from 'vitest'; test('and no other', () => {});",
};

test('a file finds its worker as the run began, and only the next one fails for daemons that a file has left', async () => {
	const temporary = temporaryFolder();
	const env = { NO_COLOR: '1', TMPDIR: temporary, WITHDAEMON_TEST_FOLDER: temporary };
	const { all: output, exitCode } = await startVitest(project(files), ['run'], env);
	expect(output).toMatch(/ 2\.suite\.mjs-\w+ has left daemons: registry\/\d+\.1\.0a1b2c3d\/0\.jsonl\n/);
	expect(output).toMatch(/ Test Files +1 failed \| 3 passed \(4\)\n +Tests +4 passed \(4\)\n/);
	expect(exitCode).toBe(1);
});
