/** The probe that is a function of the user's: the daemon is ready when it answers true. */

import { types } from 'node:util';
import { describeThrown } from '../error-text.ts';
import { InvalidOptionError } from '../errors.ts';
import type { Log } from '../log/log.ts';
import { show } from '../option-rules.ts';
import { namedPorts } from '../ports/named.ts';
import { now } from '../time/clock.ts';
import type { ProbedDaemon } from './check.ts';
import { polled } from './polled.ts';
import { makeProbe, type Probe } from './probe.ts';

/** The daemon that a {@link ProbeFunction} is asked about. */
export interface StartingDaemon {
	readonly pid: number;
	/** Its port, by the option `port`; undefined without that. */
	readonly port: number | undefined;
	/** Its ports by name, from the option `ports`. */
	readonly ports: Readonly<Record<string, number>>;
	/** Its output since this start; undefined if there is no log that can be read. */
	readonly log: Log | undefined;
	/** Aborts when the start is over. */
	readonly signal: AbortSignal;
}

/**
 * A condition of the user's own. It returns true if the condition holds, else false or, better, a string that says why
 * not yet. If it throws, the error is the reason. It is called again after 1 ms, then less and less often, and every 50
 * ms at last. A call that does not settle is abandoned when the start is over.
 */
export type ProbeFunction = (daemon: StartingDaemon) => boolean | string | Promise<boolean | string>;

export function answered(ask: ProbeFunction): Probe {
	return makeProbe({
		name: 'function',
		given: undefined,
		begin: (_, { name, log }) => {
			let askedAt = Number.POSITIVE_INFINITY;
			const check = polled(ask.name === '' ? 'a function' : `function ${ask.name}`, async (signal, daemon) => {
				askedAt = now();
				// Such as fetch, which throws as long as nothing listens.
				const answer = await call(ask, { ...toStarting(daemon), log, signal }).catch(toReason);
				askedAt = Number.POSITIVE_INFINITY;
				if (answer === false || answer === '') return `it returned ${answer === false ? 'false' : 'an empty string'}`;
				if (answer === true || typeof answer === 'string') return answer;
				throw new InvalidOptionError(name, [`${EXPECTED}, but it returned ${show(answer)}.`]);
			});
			const hangs = () => (now() - askedAt > SLOW_MS ? '; a call of it has not settled' : '');
			return { ...check, reason: () => `${check.reason()}${hangs()}` };
		},
	});
}

/** A call that takes longer is worth a note in an error. */
const SLOW_MS = 1000;

const EXPECTED = 'Expected a function in `ready` to return true, false or a string that says why not yet';

/** Rejects if the function throws, too, as it does if the function returns a promise that rejects. */
async function call(ask: ProbeFunction, daemon: StartingDaemon): Promise<unknown> {
	return await ask(daemon);
}

function toStarting({ process, ports }: ProbedDaemon): Pick<StartingDaemon, 'pid' | 'port' | 'ports'> {
	return {
		pid: process.identity.pid,
		port: ports.get('port'),
		ports: namedPorts(ports),
	};
}

/** The message of fetch is `fetch failed`; its cause says why. */
function toReason(error: unknown): string {
	const cause = types.isNativeError(error) ? error.cause : undefined;
	return describeThrown(error) + (types.isNativeError(cause) ? ` (${describeThrown(cause)})` : '');
}
