import { expect, test } from 'vitest';
import { runCaller } from '../support/callers.ts';
import { expectNothingLeft } from '../support/doomed-callers.ts';
import { temporaryFolder } from '../support/fixtures.ts';

const COUNT = 250;

test('250 daemons at once are started and stopped by a caller that may have 512 descriptors', async () => {
	const temporary = temporaryFolder();
	const limited = ['sh', '-c', `ulimit -n 512; TMPDIR=${temporary} exec "$@"`, 'sh'];
	const { output, code } = await runCaller('many.mjs', [String(COUNT)], limited);
	const { alive, descriptors, errors, pids } = JSON.parse(output);
	expect({ code, alive, errors }).toEqual({ code: 0, alive: COUNT, errors: [] });
	// One for each daemon (the socket of its launcher), and those that Node always has.
	expect(descriptors).toBeLessThan(COUNT + 50);
	await expectNothingLeft(pids, temporary);
}, 240_000);
