/** In what condition a released daemon is now. */

import { existsSync } from 'node:fs';
import { namePort } from '../error-text.ts';
import { findOpen } from '../ports/open.ts';
import { identify, isRunning } from '../process/identity.ts';
import { isStopped } from '../process/table.ts';
import { readMachine } from '../registry/host-id.ts';
import { isOwnProcess } from '../registry/ownership.ts';
import type { Released } from './find.ts';
import { portsOf } from './ports.ts';

/**
 * `ready`: it runs, and its ports accept connections. `running`: it runs, but does not serve its users. `dead`: it has
 * ended without having been asked to. `elsewhere`: it is in another container or on another host, where its pid means
 * something.
 */
export type State = 'ready' | 'running' | 'dead' | 'elsewhere';

export interface Condition {
	readonly state: State;
	/** Why it is not ready. */
	readonly why: string | undefined;
	/** What is missing around it. */
	readonly notes: readonly string[];
}

export async function examine(released: Released): Promise<Condition> {
	const { record, folder } = released;
	const notes = [
		...(existsSync(record.checkout) ? [] : [`its checkout ${record.checkout} is gone`]),
		...(folder === undefined || existsSync(folder) ? [] : [`its folder ${folder} is gone, and its log with it`]),
	];
	const away = whyAway(released);
	if (away !== undefined) return { state: 'elsewhere', why: away, notes };
	const gone = whyGone(released);
	if (gone !== undefined) return { state: 'dead', why: gone, notes };
	const why = await whyNotServing(released);
	return { state: why === undefined ? 'ready' : 'running', why, notes };
}

/** Why its pid says nothing here; undefined if it is of this machine, of this boot or an earlier one. */
export function whyAway({ record: { machine } }: Released): string | undefined {
	const here = readMachine();
	if (machine.host !== here.host) return `it was started on another host, ${machine.host}`;
	const isOtherContainer = machine.boot === here.boot && machine.namespace !== here.namespace;
	return isOtherContainer ? 'it was started in another container' : undefined;
}

/** Whether all of its processes are gone, as the machine has rebooted since. */
export const isFromBefore = ({ record: { machine } }: Released): boolean => machine.boot !== readMachine().boot;

/** Why it does not run; undefined if it does. */
export function whyGone(released: Released): string | undefined {
	const { identity, marker } = released.launched;
	if (isFromBefore(released)) return 'the machine has rebooted since';
	if (isRunning(identity) && isOwnProcess(identity, marker)) return undefined;
	const isTaken = identify(identity.pid) !== undefined;
	return `it has ended${isTaken ? `, and another process has its pid ${identity.pid} now` : ''}`;
}

async function whyNotServing({ record, launched: { identity } }: Released): Promise<string | undefined> {
	if (isStopped(identity.pid)) return 'it is stopped by a signal';
	const ports = portsOf(record);
	const open = await findOpen(ports);
	const closed = ports.filter(one => !open.includes(one));
	const names = closed.map(({ port, protocol }) => namePort(port, protocol));
	return names.length === 0 ? undefined : `nothing listens on ${names.join(' and ')}`;
}
