/** Decides by which probes a daemon is ready, and begins their checks for one start. */
import { mapTexts } from '../javascript/fill-arguments.ts';
import { fillIn, type PlaceholderValues } from '../launch/placeholders.ts';
import type { ResolvedOptions } from '../options/options.ts';
import { listPorts, numberOf, protocolOf } from '../ports/wanted.ts';
import { alive } from '../readiness/alive.ts';
import type { Check } from '../readiness/check.ts';
import { done } from '../readiness/done.ts';
import { listening } from '../readiness/listening.ts';
import { logChanged } from '../readiness/log-changed.ts';
import { logged } from '../readiness/logged.ts';
import { Probe, type ProbedStart } from '../readiness/probe.ts';
import { probesIn } from '../readiness/to-probe.ts';
import { isTask, type Scope } from './scope.ts';

export function planProbes(
	options: ResolvedOptions,
	scope: Scope,
	filling: PlaceholderValues,
	surroundings: Pick<ProbedStart, 'log' | 'notifications' | 'cwd' | 'env'>,
): readonly Check[] {
	const start: ProbedStart = {
		name: options.name,
		...surroundings,
		begin: probe => {
			const { given, begin } = Probe.describe(probe);
			return remember(
				begin(
					mapTexts(given, text => fillIn(text, filling)),
					start,
				),
			);
		},
	};
	const { lookFor, ready = isTask(scope) ? [] : listeners(options) } = options;
	const wanted = [...(lookFor === undefined ? [] : [logged(lookFor)]), ...probesIn(ready)];
	if (isTask(scope)) return [done(), ...wanted.map(start.begin)];
	return wanted.length > 0 ? wanted.map(start.begin) : [withoutProbes(scope, start)];
}

/** A daemon with ports is of no use before it listens on them. A port of 0 is only known when it is ready. */
function listeners(options: ResolvedOptions): readonly Probe[] {
	return listPorts(options)
		.filter(([, wanted]) => numberOf(wanted) !== 0)
		.map(([name, wanted]) => listening(`{${name}}`, { protocol: protocolOf(wanted) }));
}

/** The last two of Servolux's three rules, of which `lookFor` is the first. */
function withoutProbes(scope: Scope, { log, begin }: ProbedStart): Check {
	const isOwn = scope.kind === 'scoped' && log?.path === scope.ownLog;
	return log === undefined || isOwn ? begin(alive()) : logChanged(log);
}

/** An error shows the reasons of all checks, also of those that have passed. */
function remember(check: Check): Check {
	let holds = false;
	return {
		...check,
		wait: async (signal, daemon) => {
			const result = await check.wait(signal, daemon);
			holds = true;
			return result;
		},
		reason: () => (holds ? 'holds' : check.reason()),
	};
}
