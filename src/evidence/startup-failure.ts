/** The error of a start that failed, with everything that was known when it did. */
import {
	type DaemonError,
	describeExit,
	describeThrown,
	type EvidenceRow,
	type ExitStatus,
	PortInUseError,
	StartupError,
	StartupTimeoutError,
} from '../errors.ts';
import type { Uncaught } from '../launch/daemon-process.ts';
import type { Probe } from '../readiness/probe.ts';
import { hintsForBusyPort } from './busy-port.ts';
import { hintsForExit } from './exit-hints.ts';
import { type Attempt, describeAttempt, explainLaunchFailure } from './launch-failure.ts';
import { describeListeners } from './listeners.ts';
import { describeCondition, describeLife, describeLog, type Life, lookUp } from './timeline.ts';

interface Exited {
	readonly kind: 'exited';
	readonly exit: ExitStatus;
	/** What its JavaScript threw, if that ended it. */
	readonly uncaught: Uncaught | undefined;
}

/** Why a start came to its end. */
export type StartupFailure =
	| Exited
	| { readonly kind: 'timeout'; readonly ms: number }
	| { readonly kind: 'silent'; readonly ms: number }
	| { readonly kind: 'cancelled' }
	| { readonly kind: 'aborted'; readonly reason: unknown }
	| { readonly kind: 'port in use'; readonly port: number }
	| { readonly kind: 'log in use'; readonly logFile: string; readonly holder: string }
	| { readonly kind: 'locked'; readonly ms: number; readonly pidFile: string }
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
	if (failure.kind === 'port in use') return [...describeListeners(failure.port)];
	const attempt = (cause?: unknown) => lookUp('command', () => describeAttempt(plan, cause));
	if (life === undefined) return [...attempt(failure.kind === 'error' ? failure.cause : undefined)];
	const isLate = failure.kind === 'timeout' || failure.kind === 'silent';
	return [
		...lookUp('waiting for', () => [['waiting for', `${probe.name}   ${probe.reason()}`]]),
		describeLife(life),
		...(isLate ? describeCondition(life) : []),
		...attempt(),
		...(isLate ? hintsForBusyPort(life) : []),
		...(failure.kind === 'exited' ? (failure.uncaught?.evidence ?? []) : []),
		...(failure.kind === 'exited' ? hintsForExit(failure.exit, plan, life) : []),
		...describeLog(life.log),
	];
}

export function startupError(plan: Attempt, failure: StartupFailure, evidence: readonly EvidenceRow[]): DaemonError {
	const { name } = plan;
	switch (failure.kind) {
		case 'exited':
			return startupExitError(name, failure, evidence);
		case 'timeout':
			return new StartupTimeoutError(name, `was not ready within ${failure.ms} ms`, failure.ms, { evidence });
		case 'silent':
			return new StartupTimeoutError(name, `was not ready, and logged nothing for ${failure.ms} ms`, failure.ms, {
				evidence,
			});
		case 'cancelled':
			return new StartupError(name, 'was stopped before it was ready', { evidence });
		case 'aborted': {
			const { reason } = failure;
			const what = `was stopped before it was ready, as its \`signal\` was aborted: ${describeThrown(reason)}`;
			return new StartupError(name, what, { evidence, cause: reason });
		}
		case 'log in use': {
			const what = `its log ${failure.logFile} is that of ${failure.holder}: give each its own, as a line does not say whose it is`;
			return new StartupError(name, `could not be started: ${what}`, { evidence });
		}
		case 'locked': {
			const what = `another caller was busy with its PID file ${failure.pidFile} for ${failure.ms} ms`;
			return new StartupError(name, `could not be started: ${what}`, { evidence });
		}
		case 'port in use':
			return new PortInUseError(name, failure.port, { evidence });
		case 'error': {
			const { cause } = failure;
			return new StartupError(name, explainLaunchFailure(cause, plan), { evidence, cause });
		}
	}
}

function startupExitError(name: string, { exit, uncaught }: Exited, evidence: readonly EvidenceRow[]): StartupError {
	const what = `${describeExit(exit)} before it was ready${uncaught ? `: ${describeThrown(uncaught.error)}` : ''}`;
	return new StartupError(name, what, { evidence, exit, cause: uncaught?.error });
}
