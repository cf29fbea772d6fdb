/** The line that a daemon writes to a descriptor when it is ready, as for s6. */
import type { Socket } from 'node:net';
import { printable } from '../printable.ts';
import type { ProcessIdentity } from '../process/identity.ts';
import { readLink } from '../process/procfs.ts';
import { findSocketHolders, readOwner } from '../process/table.ts';
import { findSurvivors, type SurvivorQuery } from '../survivors/find.ts';
import { deferred } from '../time/deadline.ts';

/** Enough of what is no line, for an error. */
const MOST_KEPT = 100;

export class WrittenLine {
	/** Resolves when the line has ended. */
	readonly written: Promise<void>;
	readonly #descriptor: number;
	#text = '';

	/** @param socket the caller's end of the socket that the daemon has at this descriptor. */
	constructor(socket: Socket, descriptor: number) {
		const { promise, resolve } = deferred<void>();
		this.written = promise;
		this.#descriptor = descriptor;
		// ECONNRESET: the daemon has ended.
		socket.on('error', () => {}).setEncoding('utf8');
		socket.on('data', (text: string) => {
			this.#text = (this.#text + text).slice(0, MOST_KEPT);
			if (text.includes('\n')) resolve();
		});
	}

	/** Why there is no line yet. */
	reason(query: SurvivorQuery, daemon: ProcessIdentity): string {
		if (this.#text !== '') return `it has written '${printable(this.#text)}', but no end of a line`;
		if (this.#isClosed(query, daemon)) return 'it has closed the descriptor, and has written no line to it before';
		return `it has written nothing to it: is it told to use descriptor ${this.#descriptor}?`;
	}

	/**
	 * The launcher keeps the descriptor open, so no event says that the daemon has closed it. False if nobody can see it.
	 */
	#isClosed(query: SurvivorQuery, { pid }: ProcessIdentity): boolean {
		const link = readLink(`/proc/${query.since.pid}/fd/${this.#descriptor}`);
		const inode = /^socket:\[(\d+)\]$/.exec(link ?? '')?.[1];
		const isSeen = process.getuid?.() === 0 || readOwner(pid) === process.getuid?.();
		if (inode === undefined || !isSeen) return false;
		const pids = findSurvivors(query).map(survivor => survivor.pid);
		return findSocketHolders(new Set([inode]), pids).size === 0;
	}
}
