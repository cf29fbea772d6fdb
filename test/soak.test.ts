import { expect, test } from 'vitest';
import { runCaller } from './support/callers.ts';
import { describeServer } from './support/real-servers.ts';

/** Each run has a new seed, which its first line shows. For more cycles: `npm run soak`. */
test('cycles with faults drawn at random, by callers that end in every way, leave nothing', {
	timeout: 240_000,
}, async () => {
	const { output, errors, code } = await runCaller('../../soak/soak.mjs', ['--cycles', '25', '--callers', '3']);
	expect(output + errors).toMatch(/\nleaks 0, unexpected outcomes 0\n$/);
	expect(code).toBe(0);
});

/** Longer than the limits of the programs, which say what hangs. */
const LONG = { timeout: 400_000 };

describeServer('Perl', ['perl'], () => {
	/** Its program that binds ports wins or loses as it happens. For more starts: `npm run soak:ports`. */
	test('beside a port thief no inherited port is lost, and every other loss is noticed', LONG, async () => {
		const { output, errors, code } = await runCaller('../../soak/ports.mjs', ['--starts', '6']);
		expect(output).toMatch(/listen: .*\n +starts +6\n +requests +15\n +lost ports +0\n +answered by the daemon +15\n/);
		expect(output + errors).toMatch(/\nunexpected outcomes 0\n$/);
		expect(code).toBe(0);
	});

	/** For more daemons and checkouts: `npm run soak:suites`. */
	test(
		'two checkouts of one suite at the same time never meet, and each test reaches its own servers',
		LONG,
		async () => {
			const { output, errors, code } = await runCaller('../../soak/suites.mjs', ['--suites', '2', '--daemons', '6']);
			expect(output + errors).toMatch(
				/2 suites of 6 daemons each, all at the same time\n.*they never met\nnothing left\n$/s,
			);
			expect(code).toBe(0);
		},
	);
});
