/** Checks of probes without a start. */
import type { Check } from '../../src/readiness/check.ts';
import { Probe, type ProbedStart } from '../../src/readiness/probe.ts';

/** The check of a start without a log; placeholders are not filled in. */
export function checkOf(probe: Probe): Check {
	const start: ProbedStart = { name: 'x', log: undefined, begin: checkOf };
	const { given, begin } = Probe.describe(probe);
	return begin(given, start);
}
