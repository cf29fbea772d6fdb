/** What a caller is told whose working directory was removed. */
import { expect, test } from 'vitest';
import { runCaller } from '../support/callers.ts';
import { temporaryFolder } from '../support/fixtures.ts';

test('without a working directory relative paths are refused by their options, and all else works', async () => {
	const folder = temporaryFolder();
	const { output, errors } = await runCaller('in-a-removed-folder.mjs', [folder]);
	expect(errors).toBe('');
	expect(output.replaceAll(folder, '[folder]').replace(/^ +(?:pid|log) .*\n/gm, '')).toMatchInlineSnapshot(`
		"ready in [folder]
		InvalidOptionError: x has 2 invalid options
		  option       The path of \`startupCommand\` is relative to the caller's working directory, which was removed: give an absolute one.
		               The path of \`pidFile\` is relative to the caller's working directory, which was removed: give an absolute one.
		StartupError: x exited with code 3 before it was ready
		  waiting for  log line "ready"   nothing was logged
		  command      sh -c 'exit 3' ./a
		  cwd          [folder]
		"
	`);
});
