/** Makes the error of a failed start, with everything that was known at that moment. */
import { describeExit, describeThrown, type EvidenceRow } from '../error-text.ts';
import { AlreadyRunningError, type DaemonError, PortInUseError, StartupError, StartupTimeoutError } from '../errors.ts';
import { whenExecuted } from '../launch/daemon-process.ts';
import type { DaemonPort } from '../ports/wanted.ts';
import { printable } from '../printable.ts';
import { readCommandLine } from '../process/table.ts';
import type { Check } from '../readiness/check.ts';
import type { Exited, NotReady } from '../readiness/wait-until-ready.ts';
import { settlesWithin } from '../time/deadline.ts';
import { hintsForBusyPort } from './busy-port.ts';
import { hintsForExit } from './exit-hints.ts';
import { hintsForForbiddenPort } from './forbidden-port.ts';
import { type Attempt, describeAttempt, explainLaunchFailure } from './launch-failure.ts';
import { describeListeners } from './listeners.ts';
import { describeCondition, describeLog, describeTimeline, lookUp, type Timeline } from './timeline.ts';

/** Why a start failed. */
export type StartupFailure =
	| NotReady
	| { readonly kind: 'timeout'; readonly ms: number }
	| { readonly kind: 'cancelled' }
	| { readonly kind: 'aborted'; readonly reason: unknown }
	| ({ readonly kind: 'port in use' } & DaemonPort)
	| { readonly kind: 'no port'; readonly group: string; readonly captured: string | undefined }
	| { readonly kind: 'log in use'; readonly logFile: string; readonly holder: string }
	| { readonly kind: 'locked'; readonly ms: number; readonly pidFile: string }
	| { readonly kind: 'left nothing'; readonly why: string }
	| { readonly kind: 'error'; readonly cause: unknown };

/** A start, as far as it has got. */
export interface StartupView {
	readonly attempt: Attempt;
	readonly checks: readonly Pick<Check, 'name' | 'reason'>[];
	/** What the daemon has said about itself. */
	readonly said: readonly EvidenceRow[];
	/** Undefined if there was no launch. */
	readonly timeline: Timeline | undefined;
}

/** Call this before the teardown: what the daemon logs about its own end does not explain the failure. */
export function describeStartup(
	{ attempt, checks, said, timeline }: StartupView,
	failure: StartupFailure,
): EvidenceRow[] {
	if (failure.kind === 'port in use') return [...describeListeners(failure.port, failure.protocol)];
	const describe = (cause?: unknown) => lookUp('command', () => describeAttempt(attempt, cause));
	if (timeline === undefined) return [...describe(failure.kind === 'error' ? failure.cause : undefined)];
	const isLate = failure.kind === 'timeout' || failure.kind === 'silent';
	return [
		...checks.flatMap(describeCheck),
		...said,
		describeTimeline(timeline),
		...(isLate ? describeCondition(timeline) : []),
		...describe(),
		...(isLate ? [...hintsForBusyPort(timeline), ...hintsForForbiddenPort(timeline)] : []),
		...(failure.kind === 'exited' ? (failure.uncaught?.evidence ?? []) : []),
		...(failure.kind === 'exited' ? hintsForExit(failure.exit, attempt, timeline) : []),
		...describeLog(timeline.log),
	];
}

function describeCheck(check: Pick<Check, 'name' | 'reason'>): readonly EvidenceRow[] {
	return lookUp('waiting for', () => [['waiting for', `${check.name}   ${check.reason()}`]]);
}

export function startupError(attempt: Attempt, failure: StartupFailure, evidence: readonly EvidenceRow[]): DaemonError {
	const { name } = attempt;
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
			const remedy = 'give each daemon its own log, as a line does not show which daemon wrote it';
			const what = `its log ${failure.logFile} belongs to ${failure.holder}: ${remedy}`;
			return new StartupError(name, `could not be started: ${what}`, { evidence });
		}
		case 'locked': {
			const what = `another caller was busy with its PID file ${failure.pidFile} for ${failure.ms} ms`;
			return new StartupError(name, `could not be started: ${what}`, { evidence });
		}
		case 'left nothing':
			return new StartupError(
				name,
				`exited with code 0 and left no process, so there is none to follow: ${failure.why}`,
				{
					evidence,
					exit: { code: 0, signal: null },
				},
			);
		case 'no port': {
			const { group, captured } = failure;
			const why = captured === undefined ? 'took no part in the match' : `has captured '${printable(captured)}'`;
			return new StartupError(name, `is ready, but on an unknown port: the group \`${group}\` ${why}`, { evidence });
		}
		case 'port in use':
			return new PortInUseError(name, failure, { evidence });
		case 'error': {
			const { cause } = failure;
			return new StartupError(name, explainLaunchFailure(cause, attempt), { evidence, cause });
		}
	}
}

function startupExitError(name: string, { exit, uncaught }: Exited, evidence: readonly EvidenceRow[]): StartupError {
	const what = `${describeExit(exit)} before it was ready${uncaught ? `: ${describeThrown(uncaught.error)}` : ''}`;
	return new StartupError(name, what, { evidence, exit, cause: uncaught?.error });
}

/** How long the process may still be a shell of this library, whose command line says nothing about the daemon. */
const EXEC_MS = 1000;

/** The error of a start that found a living process in the PID file. */
export async function alreadyRunningError(name: string, pid: number, pidFile: string): Promise<AlreadyRunningError> {
	await settlesWithin(whenExecuted(pid), EXEC_MS);
	return new AlreadyRunningError(name, pid, {
		evidence: [
			['pid file', pidFile],
			['command', printable(readCommandLine(pid) ?? 'unknown')],
		],
	});
}
