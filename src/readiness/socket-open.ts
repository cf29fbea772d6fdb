/** The probe `socketOpen`: a unix socket accepts connections. */
import { once } from 'node:events';
import { resolve } from 'node:path';
import { files, net } from '../builtins.ts';
import { InvalidOptionError } from '../errors.ts';
import { findBreaches } from '../option-rules.ts';
import { hasCode } from '../os/errno.ts';
import { LONGEST_SOCKET_PATH } from '../os/socket-path.ts';
import { printable } from '../printable.ts';
import { now } from '../time/clock.ts';
import { unlessAborted } from '../time/deadline.ts';
import type { Look } from './check.ts';
import { describeFileType, path as pathRule } from './file-type.ts';
import { Pace } from './polled.ts';
import { makeProbe, type Probe } from './probe.ts';
import { SocketOwner } from './socket-owner.ts';
import { watched } from './watched.ts';

/**
 * Holds when the unix socket at this path accepts a connection. The path may begin in the daemon's working directory.
 * If a process that is not the daemon's listens there, the error names it. On macOS, and for a process in another mount
 * or network namespace, that cannot be told: then any listener will do. `{dir}` belongs to the daemon alone.
 *
 * @example
 * socketOpen('{dir}/app.sock')
 */
export function socketOpen(path: string): Probe {
	return makeProbe({
		name: 'socketOpen',
		given: path,
		problems: findBreaches({ path }, { path: pathRule }),
		begin: (given, { name, cwd }) => {
			const path = resolve(cwd, given);
			const size = Buffer.byteLength(path);
			if (size > LONGEST_SOCKET_PATH) throw new InvalidOptionError(name, [describeTooLong(path, size)]);
			const owner = new SocketOwner();
			let knocks: { readonly since: number; readonly pace: Pace } | undefined;
			const look: Look = async (signal, daemon) => {
				const before = knocks;
				knocks = undefined;
				try {
					const file = await files().stat(path);
					if (!file.isSocket()) return `it is ${describeFileType(file)}, and not a socket`;
					knocks = before ?? { since: now(), pace: new Pace() };
					await knock(path, signal);
					knocks.pace.hasAnswered = true;
					return owner.findStranger(path, file, daemon) ?? true;
				} catch (error) {
					signal.throwIfAborted();
					return explain(error);
				}
			};
			// Nothing announces that a socket begins to listen, or that another process gets it.
			const knockIn = () => knocks?.pace.nextIn(now() - knocks.since);
			return watched(printable(`unix socket ${path}`), path, look, knockIn);
		},
	});
}

const describeTooLong = (path: string, size: number) =>
	printable(
		`\`ready\`, socketOpen(): Expected the path of a unix socket to have ${LONGEST_SOCKET_PATH} bytes at most, ` +
			`as the system allows no more, but ${path} has ${size}.`,
	);

async function knock(path: string, signal: AbortSignal): Promise<void> {
	const socket = net().connect(path);
	try {
		await unlessAborted(once(socket, 'connect'), signal);
		// Half-closed instead of reset, as some servers fail on ECONNRESET.
		socket
			.on('error', () => {})
			.unref()
			.resume()
			.end();
	} catch (error) {
		socket.on('error', () => {}).destroy();
		throw error;
	}
}

function explain(error: unknown): string {
	if (hasCode(error, 'ENOENT')) return 'it does not exist';
	if (hasCode(error, 'ECONNREFUSED')) return 'nobody listens on it (ECONNREFUSED)';
	if (hasCode(error, 'EPROTOTYPE')) return 'it is a socket without connections, such as one of datagrams (EPROTOTYPE)';
	return (error as NodeJS.ErrnoException).code ?? String(error);
}
