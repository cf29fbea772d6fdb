/** Turns the findings of a teardown into rows and into an error. */
import { describeThrown, type EvidenceRow } from '../error-text.ts';
import {
	type DaemonError,
	DaemonExitedError,
	LeakError,
	ShutdownCommandError,
	ShutdownTimeoutError,
} from '../errors.ts';
import type { DaemonPort } from '../ports/wanted.ts';
import { printable } from '../printable.ts';
import type { Leak } from '../teardown/ladder.ts';
import type { TeardownOutcome } from '../teardown/teardown.ts';

/** A port that should be free by now, with rows about the process that listens there. */
export interface OpenPort extends DaemonPort {
	readonly evidence: readonly EvidenceRow[];
}

export interface TeardownReport extends TeardownOutcome {
	/** A crash, or an exit code that is not allowed, although the daemon ended in time. */
	readonly badEnd: DaemonExitedError | undefined;
	readonly openPorts: readonly OpenPort[];
	/** Errors of the cleaning up itself, such as a PID file that cannot be removed. */
	readonly failures: readonly unknown[];
}

export const NOTHING_TO_END: TeardownReport = {
	refusal: undefined,
	forcedBy: undefined,
	badEnd: undefined,
	evidence: [],
	leaks: [],
	openPorts: [],
	failures: [],
};

/** The rows of a failed start, and those of its teardown, but for a port of which a hint has told already. */
export function withTeardown(told: readonly EvidenceRow[], report: TeardownReport): EvidenceRow[] {
	const labels = new Set(told.map(([label]) => label));
	const openPorts = report.openPorts.map(port => ({
		...port,
		evidence: port.evidence.filter(([label]) => !labels.has(label)),
	}));
	return [...told, ...describeTeardown({ ...report, openPorts })];
}

function describeTeardown({ refusal, forcedBy, badEnd, leaks, openPorts, failures }: TeardownReport): EvidenceRow[] {
	return [
		...(refusal === undefined ? [] : [['teardown', `${refusal.shortMessage}, ${outcomeOf(forcedBy)}`] as const]),
		...(badEnd === undefined ? [] : [['teardown', badEnd.shortMessage] as const]),
		...describeLeft(leaks, openPorts),
		...failures.map(failure => ['teardown', describeThrown(failure)] as const),
	];
}

/**
 * The error of the daemon under test; undefined if the teardown found nothing wrong. Everything has been cleaned up by
 * now.
 */
export function teardownError(name: string, report: TeardownReport): DaemonError | undefined {
	const { refusal, forcedBy, badEnd, leaks, openPorts } = report;
	const left = describeLeft(leaks, openPorts);
	if (refusal === undefined) {
		if (badEnd !== undefined) {
			const { exit, evidence, cause } = badEnd;
			return new DaemonExitedError(name, exit, { evidence: [...evidence, ...left], cause, wasAsked: true });
		}
		if (left.length === 0) return undefined;
		return new LeakError(name, leaks, { evidence: left, openPorts });
	}
	const what = `${refusal.shortMessage.slice(name.length + 1)}, ${outcomeOf(forcedBy)}`;
	const hints = refusal.evidence.filter(([label]) => label === 'hint');
	const evidence = [...hints, ...report.evidence, ...left];
	if (refusal instanceof ShutdownTimeoutError)
		return new ShutdownTimeoutError(name, what, refusal.timeoutMs, { evidence });
	const said = refusal.evidence.filter(([label]) => label === 'said');
	return new ShutdownCommandError(name, `${name} ${what}`, {
		evidence: [...said, ...evidence],
		cause: refusal.cause,
	});
}

function outcomeOf(forcedBy: TeardownReport['forcedBy']): string {
	return forcedBy === undefined ? 'and not even SIGKILL ended it' : `and was ended by ${forcedBy}`;
}

function describeLeft(leaks: readonly Leak[], openPorts: readonly OpenPort[]): EvidenceRow[] {
	const ignored = leaks.find(leak => leak.ignoredInBackground !== undefined)?.ignoredInBackground;
	const why = `it ignores ${ignored}, like everything that a shell started with \`&\``;
	const hints = ignored === undefined ? [] : [['hint', `${why}: give \`shutdownCommand: 'SIGTERM'\``] as const];
	return [...leaks.map(describeLeak), ...hints, ...openPorts.flatMap(({ evidence }) => evidence)];
}

function describeLeak({ pid, command, foundBy, startedAt, endedBy }: Leak): EvidenceRow {
	const end = endedBy === undefined ? 'still running' : `ended by ${endedBy}`;
	return [
		'survivor',
		`${pid}   ${printable(command)}   found by its ${foundBy}, since ${startedAt.toISOString()}, ${end}`,
	];
}
