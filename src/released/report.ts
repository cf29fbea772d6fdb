/** A released daemon as `status --json` and `ps --json` show it, and as other tools may read it. */
import { namedPorts } from '../ports/named.ts';
import type { RunRecord } from '../registry/fact.ts';
import { wallClock } from '../time/clock.ts';
import type { Condition, State } from './condition.ts';
import type { Released } from './find.ts';

export interface Report {
	readonly name: string;
	readonly checkout: string;
	readonly state: State | 'stopped' | 'starting';
	/** Why it is not ready; null if it is. */
	readonly why: string | null;
	/** What is missing around it. */
	readonly notes: readonly string[];
	readonly pid: number | null;
	readonly session: number | null;
	/** ISO 8601. */
	readonly startedAt: string | null;
	/** Ms since its start; null if it does not run. */
	readonly upForMs: number | null;
	readonly readyAfterMs: number | null;
	readonly port: number | null;
	readonly ports: Readonly<Record<string, number>>;
	readonly captures: Readonly<Record<string, string>>;
	readonly exports: Readonly<Record<string, string>>;
	readonly dependsOn: readonly string[];
	readonly log: string | null;
	readonly pidFile: string | null;
	/** How it is asked to end. */
	readonly stop: string | null;
}

export function toReport({ record, run, launched }: Released, { state, why, notes }: Condition): Report {
	const { port = null } = record.ports;
	return {
		name: record.name,
		checkout: record.checkout,
		state,
		why: why ?? null,
		notes,
		pid: launched.identity.pid,
		session: launched.launcher.pid,
		startedAt: new Date(record.startedAt).toISOString(),
		upForMs: state === 'ready' || state === 'running' ? Math.max(0, wallClock() - record.startedAt) : null,
		readyAfterMs: Math.round(record.readyAfter),
		port,
		ports: namedPorts(Object.entries(record.ports)),
		captures: record.captures,
		exports: record.exports,
		dependsOn: record.dependsOn,
		log: record.log?.path ?? null,
		pidFile: run.pidFile,
		stop: describeStop(run),
	};
}

/** The report on a name without an entry. */
export function toBareReport(name: string, checkout: string, state: Report['state'], why: string): Report {
	return {
		name,
		checkout,
		state,
		why,
		notes: [],
		pid: null,
		session: null,
		startedAt: null,
		upForMs: null,
		readyAfterMs: null,
		port: null,
		ports: {},
		captures: {},
		exports: {},
		dependsOn: [],
		log: null,
		pidFile: null,
		stop: null,
	};
}

const describeStop = ({ request, killMode }: RunRecord) =>
	request.kind === 'signal' ? `${request.signal} to its ${killMode}` : request.argv.join(' ');
