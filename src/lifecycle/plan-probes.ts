/** Decides by which probes a daemon is ready. */
import type { Log } from '../log/log.ts';
import type { ResolvedOptions } from '../options/options.ts';
import { alive } from '../readiness/alive.ts';
import { logChanged } from '../readiness/log-changed.ts';
import { logged } from '../readiness/logged.ts';
import type { Probe } from '../readiness/probe.ts';
import type { Scope } from './scope.ts';

/** Servolux's three rules, in its order. */
export function planProbes({ lookFor }: ResolvedOptions, scope: Scope, log: Log | undefined): readonly Probe[] {
	if (log !== undefined && lookFor !== undefined) return [logged(log, lookFor)];
	const isOwn = scope.kind === 'scoped' && log?.path === scope.ownLog;
	return [log === undefined || isOwn ? alive() : logChanged(log)];
}
