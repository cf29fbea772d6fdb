/** Shows released daemons: a table for people, JSON for programs. */
import type { Report } from '../released/report.ts';
import { showTime } from './show-time.ts';
import { toTable } from './table.ts';

export function showReports(reports: readonly Report[], json: boolean, withCheckout = false): void {
	if (json) console.log(JSON.stringify(reports, undefined, 2));
	else console.log(toTable([heads(withCheckout), ...reports.map(report => cells(report, withCheckout))]));
}

const heads = (withCheckout: boolean) => [
	'NAME',
	'STATE',
	'PID',
	'PORTS',
	'UP',
	'READY AFTER',
	...(withCheckout ? ['CHECKOUT'] : []),
	'',
];

function cells(report: Report, withCheckout: boolean): string[] {
	const { name, state, pid, port, ports, upForMs, readyAfterMs, why, notes, checkout } = report;
	const numbers = [
		...(port === null ? [] : [port]),
		...Object.entries(ports).map(([other, number]) => `${other}:${number}`),
	];
	const more = [...(why === null ? [] : [why]), ...notes].join('; ');
	return [
		name,
		state,
		String(pid ?? '-'),
		numbers.join(' ') || '-',
		upForMs === null ? '-' : showTime(upForMs),
		readyAfterMs === null ? '-' : showTime(readyAfterMs),
		...(withCheckout ? [checkout] : []),
		more,
	];
}

/** Whether programs can use the daemon. */
export const isUp = ({ state }: Report): boolean => state === 'ready' || state === 'running';
