/** The probe of a port: it holds when a process of the daemon accepts connections or, with UDP, is bound to it. */
import { net } from '../builtins.ts';
import { describeThrown, namePort, type Protocol } from '../error-text.ts';
import { findBreaches, isText, type Rule } from '../option-rules.ts';
import { accepts } from '../tcp-port.ts';
import type { Look, ProbedDaemon } from './check.ts';
import { Pace, polled } from './polled.ts';
import { arrivesAt, describeForeign, isBoundTo, isOwn } from './port-owner.ts';
import { makeProbe, type Probe } from './probe.ts';

const isProtocol = (value: unknown): value is Protocol => value === 'tcp' || value === 'udp';

export interface ListeningOptions {
	/** An IP address. Absent: 127.0.0.1 and ::1, of which one is enough. */
	readonly host?: string | undefined;
	/** Defaults to `'tcp'`. */
	readonly protocol?: Protocol | undefined;
}

const rules: Readonly<Record<string, Rule>> = {
	port: {
		expected: "a whole number from 1 to 65535, '{port}' or '{ports.NAME}'",
		accepts: value =>
			isText(value)
				? /^\{port\}$|^\{ports\.\w+\}$/.test(value)
				: Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536,
	},
	protocol: { expected: "'tcp' or 'udp'", accepts: isProtocol },
	host: { expected: 'an IP address', accepts: value => isText(value) && net().isIP(value) !== 0 },
};

/**
 * Holds when a TCP connection is accepted on this port, and the process that listens belongs to the daemon. If another
 * process has the port, the error names it. The port defaults to that of the option `port`.
 *
 * A UDP port has no connections, and only its users know what it answers. So the probe holds as soon as a process of
 * the daemon is bound to it: from then on the system keeps what is sent there, until the daemon reads it.
 *
 * @example
 * listening('{ports.admin}', { host: '127.0.0.1' })
 */
export function listening(port: number | `{${string}}` = '{port}', options: ListeningOptions = {}): Probe {
	return makeProbe({
		name: 'listening',
		given: { port: port as number | string, ...options },
		problems: findBreaches({ port, ...options }, rules),
		begin: ({ port: filled, host, protocol = 'tcp' }) => {
			const number = Number(filled);
			const hosts = host === undefined ? ['127.0.0.1', '::1'] : [arrivesAt(host)];
			const udp = protocol === 'udp';
			const ask = async (each: string) => (udp ? isBoundTo(each, number) : await accepts(each, number));
			const place = host === undefined ? namePort(number, protocol) : `${udp ? 'UDP ' : ''}${host}:${number}`;
			/** The daemon to which the listener is a stranger. */
			let foreignTo: ProbedDaemon | undefined;
			const pace = new Pace();
			const look: Look = async (_, daemon) => {
				const answers = await Promise.all(hosts.map(each => ask(each).catch(describeThrown)));
				const open = hosts.filter((_, index) => answers[index] === true);
				foreignTo = open.length > 0 && !isOwn(number, open, daemon, protocol) ? daemon : undefined;
				if (open.length === 0) {
					const failure = answers.find(answer => typeof answer === 'string');
					return failure ?? (udp ? 'nothing is bound to it' : 'refuses connections');
				}
				pace.hasAnswered = true;
				return foreignTo ? 'another process listens there' : true;
			};
			const what = `${udp ? 'bound to' : 'listening on'} ${place}`;
			const check = polled(what, look, elapsedMs => pace.nextIn(elapsedMs));
			// The other process is only looked up for an error, as that means a look at all processes.
			return { ...check, reason: () => (foreignTo ? describeForeign(number, foreignTo, protocol) : check.reason()) };
		},
	});
}
