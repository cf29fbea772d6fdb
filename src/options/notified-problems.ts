/** Finds problems of the probe `notified`: what it needs, and what contradicts it. */
import { hasLibc } from '../native/libc.mjs';
import { hearsDaemon } from '../readiness/to-probe.ts';
import type { CoreOptions } from './options.ts';

export function findNotifiedProblems({ ready = [], env = {} }: CoreOptions, isHelper: boolean): string[] {
	if (!hearsDaemon(ready)) return [];
	const problems = [
		...(hasLibc() ? [] : ['It needs the optional package koffi: Node has no unix sockets for datagrams.']),
		...(isHelper
			? []
			: ['A `Daemon` outlives its caller, and then nobody listens to it: use `startDaemon` or `withDaemon`.']),
		...(env['NOTIFY_SOCKET'] === undefined ? [] : ['`env` sets NOTIFY_SOCKET, as the probe does: give one.']),
	];
	return problems.map(problem => `\`ready\`, notified(): ${problem}`);
}
