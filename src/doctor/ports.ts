/** Whether something already listens on a port that a service of the config file wants. */

import { namePort } from '../error-text.ts';
import { describeListeners } from '../evidence/listeners.ts';
import type { DaemonGroup } from '../group/member.ts';
import type { DaemonOptions } from '../options/options.ts';
import { findOpen } from '../ports/open.ts';
import { type DaemonPort, numberOf, protocolOf, type WantedPort } from '../ports/wanted.ts';
import { listReleased } from '../released/find.ts';
import { portsOf } from '../released/ports.ts';
import { type Finding, ok, warn } from './finding.ts';

/** @param checkout the folder whose released daemons may have these ports. */
export async function examinePorts(group: DaemonGroup, checkout: string): Promise<Finding[]> {
	const own = listReleased(checkout).flatMap(({ record }) =>
		portsOf(record).map(port => ({ ...port, name: record.name })),
	);
	// The options that a function returns are not known yet.
	const wanted = Object.entries(group).flatMap(([name, member]) =>
		member.options === undefined ? portsWanted(member).map(one => ({ name, wanted: one })) : [],
	);
	return await Promise.all(wanted.filter(({ wanted: one }) => isFixed(one)).map(one => examine(one, own)));
}

const portsWanted = ({ port, ports = {} }: DaemonOptions) =>
	[port, ...Object.values(ports)].filter(one => one !== undefined);

const isFixed = (wanted: WantedPort) => Number(numberOf(wanted)) > 0;

async function examine(
	{ name, wanted }: { readonly name: string; readonly wanted: WantedPort },
	own: readonly (DaemonPort & { readonly name: string })[],
): Promise<Finding> {
	const [port, protocol] = [Number(numberOf(wanted)), protocolOf(wanted)];
	const what = `${namePort(port, protocol)} of ${name}`;
	if ((await findOpen([{ port, protocol }])).length === 0) return ok(what, 'is free');
	const holder = own.find(one => one.port === port && one.protocol === protocol);
	if (holder !== undefined) {
		const found = `is used by ${holder.name}, which \`start\` has brought up here`;
		return holder.name === name ? ok(what, found) : warn(what, found, `\`withdaemon stop ${holder.name}\``);
	}
	const holders = describeListeners(port, protocol).map(([, who]) => who);
	return warn(what, `is taken: ${holders.join('; ')}`, "end that process, or give `port: 'auto'`");
}
