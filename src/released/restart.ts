/** Restarts a released daemon on the ports that it had. */
import { InvalidOptionError } from '../errors.ts';
import type { DaemonGroup } from '../group/member.ts';
import { removeEmpty } from '../registry/released.ts';
import { fromValues } from './definition.ts';
import type { Ending } from './end.ts';
import { findReleased, type Released } from './find.ts';
import { leaseAgain } from './keep-ports.ts';
import { lockDaemons } from './lock.ts';
import { portsOf } from './ports.ts';
import { type Started, type StartRequest, startLocked } from './start.ts';
import { endAll } from './stop.ts';
import { refuseTied } from './tied.ts';

export interface RestartRequest extends Omit<StartRequest, 'group'> {
	readonly name: string;
	/** The daemon and what it depends on. Absent: the daemon is started as it was. */
	readonly group: DaemonGroup | undefined;
	/** Is called when the daemon has ended, or was found dead. */
	onEnded?(ending: Ending): void;
}

export interface Restarted {
	/** How it has ended; undefined if it did not run. */
	readonly ending: Ending | undefined;
	readonly started: readonly Started[];
}

/**
 * Resolves when it is ready and released again. What it depends on is started if it does not run. Members that depend
 * on it go on.
 *
 * @throws what a start does. Then the daemon does not run any more.
 */
export async function restartReleased(request: RestartRequest): Promise<Restarted> {
	const { checkout, name, signal, onWait } = request;
	refuseTied(request.group ?? {});
	const names = [name, ...Object.keys(request.group ?? {})];
	const release = await lockDaemons(checkout, names, 'restart', { signal, onWait });
	try {
		const found = findReleased(checkout, name);
		const group = request.group ?? { [name]: asBefore(name, found) };
		const { ports = {} } = found?.record ?? {};
		const giveBack = await leaseAgain(found ? portsOf(found.record) : []);
		try {
			const [ending] = await endAll(found ? [found] : [], request.onEnded);
			const started = await startLocked({ ...request, group }, new Map([[name, ports]]));
			return { ending, started };
		} finally {
			giveBack();
		}
	} finally {
		removeEmpty(checkout);
		release();
	}
}

function asBefore(name: string, found: Released | undefined) {
	if (found === undefined)
		throw new InvalidOptionError(name, [`${name} does not run, and no config file says how to start it.`]);
	const { options } = found.record;
	if (options) return fromValues(options);
	throw new InvalidOptionError(name, [
		`${name} cannot be started again without its config file, as a function is among its options: name the file ` +
			'with --config.',
	]);
}
