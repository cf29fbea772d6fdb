/** The ports that have names. Among all ports, `admin` of the option `ports` is called `ports.admin`. */
const PREFIX = 'ports.';

export function namedPorts(all: Iterable<readonly [name: string, port: number]>): Readonly<Record<string, number>> {
	const named = [...all].filter(([name]) => name.startsWith(PREFIX));
	return Object.fromEntries(named.map(([name, port]) => [name.slice(PREFIX.length), port]));
}
