/** The probe of a daemon that says itself when it is ready, as to systemd (sd_notify(3)). */
import { unlessAborted } from '../time/deadline.ts';
import { makeProbe, type Probe } from './probe.ts';

/**
 * Holds when the daemon has sent `READY=1` to the socket that its variable `NOTIFY_SOCKET` names, as PostgreSQL and
 * MariaDB do by themselves, and Redis with `--supervised systemd`. Needs the optional package koffi, and one of the
 * helpers, as the socket is in the daemon's temporary folder. Until then its `STATUS` is the reason in errors.
 *
 * @example
 * ready: notified()
 */
export function notified(): Probe {
	return makeProbe({
		name: 'notified',
		given: undefined,
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
