/** What others have to know of a daemon that is about to outlive its caller. */
import type { ResolvedOptions } from '../options/options.ts';
import { toSignal } from '../process/signals.ts';
import type { ReleasedRecord } from '../registry/fact.ts';
import type { Lifecycle } from './lifecycle.ts';

export type ReleasedFacts = Pick<
	ReleasedRecord,
	'ports' | 'udp' | 'sockets' | 'captures' | 'log' | 'strict' | 'diagnosticSignal'
>;

export function factsOf(
	{ strict, diagnosticSignal }: ResolvedOptions,
	{ ports, sockets, captures, files: { log } }: Lifecycle,
): ReleasedFacts {
	const { port } = sockets;
	const named = Object.entries(sockets.named).map(([name, number]) => [`ports.${name}`, number]);
	const captured = Object.entries(captures).filter((entry): entry is [string, string] => entry[1] !== undefined);
	return {
		ports: { ...Object.fromEntries([...ports.numbers, ...named]), ...(port === undefined ? {} : { port }) },
		udp: ports.udp,
		sockets: sockets.paths,
		captures: Object.fromEntries(captured),
		log: log && { path: log.path, offset: log.offset },
		strict,
		diagnosticSignal: diagnosticSignal === undefined ? undefined : toSignal(diagnosticSignal),
	};
}
