/** The ports of a service: for people, and for the environment of CMD. */
import type { RunningDaemon } from '../index.ts';

/** The ports by their names. The one without a name is `port`. */
export function portsOf(daemon: RunningDaemon): Readonly<Record<string, number>> {
	return { ...only(daemon), ...daemon.ports };
}

/** `daemon.port` throws if there is none. */
function only(daemon: RunningDaemon): Readonly<Record<string, number>> {
	try {
		return { port: daemon.port };
	} catch {
		return {};
	}
}

/**
 * Such as `DB_PORT` for the port of the service `db`, and `API_ADMIN_PORT` for `ports.admin` of `api`.
 *
 * @param ports as {@link portsOf} returns them.
 */
export function portVariables(
	service: string,
	ports: Readonly<Record<string, number>>,
): Readonly<Record<string, string>> {
	return Object.fromEntries(Object.entries(ports).map(([name, port]) => [variableOf(service, name), String(port)]));
}

function variableOf(service: string, name: string): string {
	const words = name === 'port' ? [service, name] : [service, name, 'port'];
	return words.join('_').replaceAll(/[.-]/g, '_').toUpperCase();
}
