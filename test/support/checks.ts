/** Checks of probes without a start. */
import { attach } from '../../src/launch/attach.ts';
import type { Check, ProbedDaemon } from '../../src/readiness/check.ts';
import { Probe, type ProbedStart } from '../../src/readiness/probe.ts';

/** The check of a start without a log; placeholders are not filled in. */
export function checkOf(probe: Probe): Check {
	const start: ProbedStart = {
		name: 'x',
		log: undefined,
		notifications: undefined,
		cwd: process.cwd(),
		env: process.env,
		begin: checkOf,
	};
	const { given, begin } = Probe.describe(probe);
	return begin(given, start);
}

/** The process of the test as the daemon, so that its own servers are the daemon's. */
export const thisProcess: ProbedDaemon = {
	process: attach({ pid: process.pid, startTime: '' }),
	ended: new Promise(() => {}),
	ports: new Map(),
};
