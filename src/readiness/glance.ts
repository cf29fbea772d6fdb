/** A look at a port that costs next to nothing: while nobody listens on it, a connection need not be tried. */
import { askWhetherSilent } from '../process/table.ts';
import { now } from '../time/clock.ts';
import { growingIntervalMs, PART } from '../time/poll.ts';

/** On loopback all listeners can be seen, unless they are in another network namespace or outside of this machine. */
export const isLoopback = (host: string): boolean => /^(?:127\.|::1$)/.test(host);

/** When a connection is tried all the same, as iptables(8) or a virtual machine may lead it to somebody unseen. */
const TRY_EVERY_MS = 1000;

export class Glance {
	readonly #port: number | undefined;
	readonly #hosts: readonly string[];
	#triedAt = Number.NEGATIVE_INFINITY;
	/** When a connection was accepted for the first time. */
	#acceptedAt: number | undefined;
	/** What the kernel said at the last look; undefined if it could not be asked. */
	#isSilent: boolean | undefined;
	#isMistaken = false;

	/** Without a port, or if one of the hosts is not on loopback, a connection has to be tried each time. */
	constructor(port: number | undefined, hosts: readonly string[]) {
		this.#port = hosts.every(isLoopback) ? port : undefined;
		this.#hosts = hosts;
	}

	/** Whether a connection would be refused, for all that is known. If not, it has to be tried. */
	isRefused(): boolean {
		const canTell = this.#port !== undefined && !this.#isMistaken;
		this.#isSilent = canTell ? askWhetherSilent(this.#port, this.#hosts) : undefined;
		if (this.#isSilent && now() - this.#triedAt < TRY_EVERY_MS) return true;
		this.#triedAt = now();
		return false;
	}

	/** Call this when a connection was accepted. */
	wasAccepted(): void {
		this.#acceptedAt ??= now();
		// It may also have begun to listen in between; then a look costs more from now on, and tells the same.
		if (this.#isSilent) this.#isMistaken = true;
	}

	/** How long to wait for the next look, when the first one was this long ago. */
	nextIn(elapsedMs: number): number {
		// Each connection that is accepted may be a line in somebody's log.
		if (this.#acceptedAt !== undefined) return growingIntervalMs(now() - this.#acceptedAt, PART.expensive);
		return growingIntervalMs(elapsedMs, this.#isSilent === undefined ? PART.connection : PART.question);
	}
}
