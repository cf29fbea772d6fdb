import { expect, test } from 'vitest';
import { runCaller } from '../support/callers.ts';
import { expectNothingLeft } from '../support/doomed-callers.ts';
import { temporaryFolder } from '../support/fixtures.ts';

const COUNT = 500;

test('500 daemons at once are started and stopped by a caller that may have 1024 descriptors', async () => {
	const temporary = temporaryFolder();
	const limited = ['sh', '-c', `ulimit -n 1024; TMPDIR=${temporary} exec "$@"`, 'sh'];
	const { output, code } = await runCaller('many.mjs', [String(COUNT)], limited);
	const { alive, descriptors, errors, pids } = JSON.parse(output);
	expect({ code, alive, errors }).toEqual({ code: 0, alive: COUNT, errors: [] });
	// One for each daemon (the socket of its launcher), and those that Node always has.
	expect(descriptors).toBeLessThan(COUNT + 50);
	await expectNothingLeft(pids, temporary);
}, 240_000);
