/** The probe of a TCP port: it holds when a connection is accepted, and by a process of the daemon's. */
import { isIP } from 'node:net';
import { describeThrown } from '../error-text.ts';
import { findBreaches, isText, type Rule } from '../option-rules.ts';
import { accepts } from '../tcp-port.ts';
import { polled } from './polled.ts';
import { describeForeign, isOwn } from './port-owner.ts';
import { makeProbe, type Probe } from './probe.ts';

export interface ListeningOptions {
	/** An IP address. Absent: 127.0.0.1 and ::1, of which one is enough. */
	readonly host?: string | undefined;
}

const rules: Readonly<Record<string, Rule>> = {
	port: {
		expected: "a whole number from 1 to 65535, '{port}' or '{ports.NAME}'",
		accepts: value =>
			isText(value)
				? /^\{port\}$|^\{ports\.\w+\}$/.test(value)
				: Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536,
	},
	host: { expected: 'an IP address', accepts: value => isText(value) && isIP(value) !== 0 },
};

/**
 * Holds when a TCP connection is accepted on this port, and the process that listens belongs to the daemon. If another
 * process has the port, the error names it. The port defaults to that of the option `port`.
 *
 * @example
 * listening('{ports.admin}', { host: '127.0.0.1' })
 */
export function listening(port: number | `{${string}}` = '{port}', options: ListeningOptions = {}): Probe {
	return makeProbe({
		name: 'listening',
		given: { port: port as number | string, ...options },
		problems: findBreaches({ port, ...options }, rules),
		begin: ({ port: filled, host }) => {
			const number = Number(filled);
			const hosts = host === undefined ? ['127.0.0.1', '::1'] : [host];
			let isForeign = false;
			const check = polled(`listening on ${host === undefined ? 'port ' : `${host}:`}${number}`, async (_, daemon) => {
				const answers = await Promise.all(hosts.map(each => accepts(each, number).catch(describeThrown)));
				const open = hosts.filter((_, index) => answers[index] === true);
				isForeign = open.length > 0 && !isOwn(number, open, daemon);
				if (open.length > 0) return isForeign ? 'another process listens there' : true;
				return answers.find(answer => typeof answer === 'string') ?? 'refuses connections';
			});
			// The other process is only looked up for an error, as that means a look at all processes.
			return { ...check, reason: () => (isForeign ? describeForeign(number) : check.reason()) };
		},
	});
}
