/** The probe of a daemon that says itself when it is ready: as to systemd (sd_notify(3)), or as to s6. */
import { type DaemonProcess, toSurvivorQuery } from '../launch/daemon-process.ts';
import { findBreaches, type Rule } from '../option-rules.ts';
import { FIRST_SOCKET, LAST_SOCKET } from '../sockets/descriptors.ts';
import { unlessAborted } from '../time/deadline.ts';
import { makeProbe, type Probe } from './probe.ts';

export interface NotifiedOptions {
	/**
	 * The descriptor, from 3 to 7, to which the daemon writes a line when it is ready, as for s6. It is a socket. Absent:
	 * the daemon says it on `NOTIFY_SOCKET`.
	 */
	readonly fd?: number | undefined;
}

const fd: Rule = {
	expected: `a whole number from ${FIRST_SOCKET} to ${LAST_SOCKET}`,
	accepts: value => Number.isInteger(value) && Number(value) >= FIRST_SOCKET && Number(value) <= LAST_SOCKET,
};

/**
 * Holds when the daemon has sent `READY=1` to the socket that its variable `NOTIFY_SOCKET` names, as PostgreSQL and
 * MariaDB do by themselves, and Redis with `--supervised systemd`. Needs the optional package koffi, and one of the
 * helpers, as the socket is in the daemon's temporary folder. Until then its `STATUS` is the reason in errors.
 *
 * With `{ fd: 3 }`, it holds when the daemon has written a line to its descriptor 3, which needs neither.
 *
 * @example
 * ready: notified()
 */
export function notified(options: NotifiedOptions = {}): Probe {
	return options.fd === undefined ? saidToSocket(options) : writtenTo(options.fd);
}

function writtenTo(descriptor: number): Probe {
	return makeProbe({
		name: 'notified',
		given: undefined,
		problems: findBreaches({ fd: descriptor }, { fd }),
		isEvent: true,
		descriptor,
		begin: () => {
			let daemon: DaemonProcess | undefined;
			return {
				name: `a line on descriptor ${descriptor}`,
				wait: async (signal, { process }) => {
					daemon = process;
					await unlessAborted(process.line?.written ?? new Promise<never>(() => {}), signal);
					return {};
				},
				reason: () => {
					const query = daemon && toSurvivorQuery(daemon);
					return (daemon && query && daemon.line?.reason(query, daemon.identity)) ?? 'it was not launched';
				},
			};
		},
	});
}

function saidToSocket(options: NotifiedOptions): Probe {
	return makeProbe({
		name: 'notified',
		given: undefined,
		problems: findBreaches(options, { fd }),
		isEvent: true,
		hearsDaemon: true,
		begin: (_, { notifications }) => ({
			name: 'READY=1 on NOTIFY_SOCKET',
			wait: async signal => {
				await unlessAborted(notifications?.ready ?? new Promise<never>(() => {}), signal);
				return {};
			},
			reason: () => {
				const status = notifications?.status;
				return status === undefined
					? 'it has not said so: does it speak to systemd, and may its user enter {dir}?'
					: `its status is: ${status}`;
			},
		}),
	});
}
