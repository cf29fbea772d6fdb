/** The probe of a TCP port: it holds when a connection is accepted, and by a process of the daemon's. */
import { isIP } from 'node:net';
import { describeThrown } from '../error-text.ts';
import { toSurvivorQuery } from '../launch/daemon-process.ts';
import { findBreaches, isText, type Rule } from '../option-rules.ts';
import { printable } from '../printable.ts';
import type { Listener } from '../process/process-info.ts';
import { findListeners, readCommandLine, readOwner, readProcess, readWorkingFolder } from '../process/table.ts';
import { findSurvivors, ownSessions } from '../survivors/find.ts';
import { accepts } from '../tcp-port.ts';
import type { ProbedDaemon } from './check.ts';
import { polled } from './polled.ts';
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

/** Whether the daemon serves each of these addresses. Its own process comes first, as it is the usual listener. */
function isOwn(port: number, hosts: readonly string[], { process }: ProbedDaemon): boolean {
	const serves = (pids: readonly number[]) => {
		const listeners = findListeners(port, pids);
		return hosts.every(host => servers(listeners, host).some(listener => isHeldBy(listener, pids)));
	};
	const { pid } = process.identity;
	if (serves([pid])) return true;
	const query = toSurvivorQuery(process);
	return query !== undefined && serves([pid, ...findSurvivors(query).map(survivor => survivor.pid)]);
}

/** The sockets to which the system gives a connection to this address: a more specific one gets it first. */
function servers(listeners: readonly Listener[], host: string): readonly Listener[] {
	const exact = listeners.filter(({ address }) => address === host || address === `::ffff:${host}`);
	if (exact.length > 0) return exact;
	return listeners.filter(({ address }) => address === '::' || (address === '0.0.0.0' && !host.includes(':')));
}

/**
 * The descriptors of another user's process are hidden. If the daemon changed its user, as sudo(8) does, the user of
 * the socket is all that can be compared.
 */
function isHeldBy({ pids, uid }: Listener, own: readonly number[]): boolean {
	if (pids.some(pid => own.includes(pid))) return true;
	return pids.length === 0 && uid !== process.getuid?.() && own.some(pid => readOwner(pid) === uid);
}

function describeForeign(port: number): string {
	const [pid] = findListeners(port).flatMap(({ pids }) => pids);
	if (pid === undefined) return 'a process that cannot be seen from here listens there, and not the daemon';
	const facts = readProcess(pid);
	const name = ownSessions.get(facts?.sid ?? facts?.pgid ?? 0);
	const who = `${pid}${name === undefined ? '' : ` of the daemon '${name}'`}`;
	const what = `${readCommandLine(pid) ?? 'unknown'}, in ${readWorkingFolder(pid) ?? 'an unknown folder'}`;
	return printable(`the process that listens there is not the daemon's: ${who} (${what})`);
}
