/** The error of a start that failed, with everything that was known when it did. */
import {
	type DaemonError,
	describeExit,
	type EvidenceRow,
	type ExitStatus,
	StartupError,
	StartupTimeoutError,
} from '../errors.ts';
import type { Probe } from '../readiness/probe.ts';
import { type Attempt, describeAttempt, explainLaunchFailure, hintsForExit } from './launch-failure.ts';
import { describeCondition, describeLife, describeLog, type Life, lookUp } from './life.ts';

/** Why a start came to its end. */
export type StartupFailure =
	| { readonly kind: 'exited'; readonly exit: ExitStatus }
	| { readonly kind: 'timeout'; readonly ms: number }
	| { readonly kind: 'silent'; readonly ms: number }
	| { readonly kind: 'cancelled' }
	| { readonly kind: 'error'; readonly cause: unknown };

/** A start, as far as it got. */
export interface Startup {
	readonly plan: Attempt;
	readonly probe: Probe;
	/** Undefined if there was no launch. */
	readonly life: Life | undefined;
}

/** To be gathered before the teardown: what the daemon says about its own end is not why it failed. */
export function describeStartup({ plan, probe, life }: Startup, failure: StartupFailure): EvidenceRow[] {
	const attempt = (cause?: unknown) => lookUp('command', () => describeAttempt(plan, cause));
	if (life === undefined) return [...attempt(failure.kind === 'error' ? failure.cause : undefined)];
	return [
		...lookUp('waiting for', () => [['waiting for', `${probe.name}   ${probe.reason()}`]]),
		describeLife(life),
		...(failure.kind === 'timeout' || failure.kind === 'silent' ? describeCondition(life) : []),
		...attempt(),
		...(failure.kind === 'exited' ? lookUp('hint', () => hintsForExit(failure.exit, plan.argv)) : []),
		...describeLog(life.log),
	];
}

export function startupError(plan: Attempt, failure: StartupFailure, evidence: readonly EvidenceRow[]): DaemonError {
	const { name } = plan;
	switch (failure.kind) {
		case 'exited':
			return new StartupError(name, `${describeExit(failure.exit)} before it was ready`, {
				evidence,
				exit: failure.exit,
			});
		case 'timeout':
			return new StartupTimeoutError(name, `was not ready within ${failure.ms} ms`, failure.ms, { evidence });
		case 'silent':
			return new StartupTimeoutError(name, `was not ready, and logged nothing for ${failure.ms} ms`, failure.ms, {
				evidence,
			});
		case 'cancelled':
			return new StartupError(name, 'was stopped before it was ready', { evidence });
		case 'error': {
			const { cause } = failure;
			return new StartupError(name, explainLaunchFailure(cause, plan), { evidence, cause });
		}
	}
}
