/**
 * The ports of a daemon: fixed ones, leased ones that it keeps until its teardown, and those that it chooses itself.
 */

import type { Protocol } from '../error-text.ts';
import type { Release } from '../lock.ts';
import type { Captures } from '../log/captures.ts';
import { leasePort } from './lease.ts';
import { namedPorts } from './named.ts';
import { findOpen } from './open.ts';
import { type DaemonPort, listPorts, numberOf, protocolOf, type WantedPorts } from './wanted.ts';

export class Ports {
	/** The ports are known by their placeholders, here and in all the fields below. */
	readonly #protocols: ReadonlyMap<string, Protocol>;
	readonly #fixed: ReadonlyMap<string, number>;
	readonly #auto: readonly string[];
	/** The ports that the daemon chooses. */
	readonly #own: readonly string[];
	readonly #learned = new Map<string, number>();
	readonly #leased = new Map<string, number>();
	readonly #leases = new Map<string, Release>();
	#chosen: readonly DaemonPort[] = [];
	#isInUse = false;

	constructor(options: WantedPorts) {
		const all = listPorts(options);
		const numbers = all.map(([name, wanted]) => [name, numberOf(wanted)] as const);
		this.#protocols = new Map(all.map(([name, wanted]) => [name, protocolOf(wanted)]));
		this.#fixed = new Map(numbers.filter((entry): entry is [string, number] => entry[1] !== 'auto' && entry[1] !== 0));
		this.#auto = numbers.filter(([, wanted]) => wanted === 'auto').map(([name]) => name);
		this.#own = numbers.filter(([, wanted]) => wanted === 0).map(([name]) => name);
	}

	/**
	 * The ports by their placeholders: `port`, `ports.NAME`. A leased one is known from the first launch on, even after
	 * the end. One that the daemon chooses is known when it is ready.
	 */
	get numbers(): ReadonlyMap<string, number> {
		return new Map([...this.#fixed, ...this.#leased, ...this.#learned]);
	}

	/** What is filled in: {@link numbers}, and 0 for a port that the daemon has yet to choose. */
	get filling(): ReadonlyMap<string, number> {
		return new Map([...this.#own.map(name => [name, 0] as const), ...this.numbers]);
	}

	/** The ports that the latest launch chose. Nobody knows them yet, unlike those that a restart keeps. */
	get chosen(): readonly DaemonPort[] {
		return this.#chosen;
	}

	get named(): Readonly<Record<string, number>> {
		return namedPorts(this.numbers);
	}

	/**
	 * Call this before each launch. If a process already has one of the ports, returns that port and takes none.
	 */
	async take(signal: AbortSignal): Promise<DaemonPort | undefined> {
		this.#chosen = [];
		this.#learned.clear();
		const kept = [...this.#leased].filter(([name]) => this.#leases.has(name));
		const [occupied] = await this.#findOpen([...this.#fixed, ...kept]);
		if (occupied !== undefined) {
			this.giveBack();
			return occupied;
		}
		for (const name of this.#auto.filter(name => !this.#leases.has(name))) {
			const protocol = this.#protocolOf(name);
			const { port, release } = await leasePort(signal, undefined, protocol);
			this.#leases.set(name, release);
			this.#leased.set(name, port);
			this.#chosen = [...this.#chosen, { port, protocol }];
		}
		this.#isInUse = true;
		return undefined;
	}

	/** Call this when the daemon is ready. Returns the name of a group that should be a port, but is none. */
	learn(captures: Captures): string | undefined {
		for (const name of this.#own) {
			const group = groupOf(name);
			const port = Number(captures[group]);
			if (!(Number.isInteger(port) && port >= 1 && port <= 65_535)) return group;
			this.#learned.set(name, port);
		}
		return undefined;
	}

	/** Call this when another process has started the daemon: only that process knows the ports that it leased. */
	adopt(): void {
		this.giveBack();
		this.#leased.clear();
		this.#learned.clear();
		this.#isInUse = true;
	}

	/** The ports that still accept connections, or are still bound; call it when the daemon is gone. */
	async findOpen(): Promise<readonly DaemonPort[]> {
		return this.#isInUse ? await this.#findOpen([...this.numbers]) : [];
	}

	async #findOpen(ports: readonly (readonly [name: string, port: number])[]): Promise<readonly DaemonPort[]> {
		return await findOpen(ports.map(([name, port]) => ({ port, protocol: this.#protocolOf(name) })));
	}

	/** The placeholders of the ports of UDP. */
	get udp(): readonly string[] {
		return [...this.numbers.keys()].filter(name => this.#protocolOf(name) === 'udp');
	}

	#protocolOf(name: string): Protocol {
		return this.#protocols.get(name) ?? 'tcp';
	}

	/** Ends the leases, so that other callers can get the ports. */
	giveBack(): void {
		for (const release of this.#leases.values()) release();
		this.#leases.clear();
		this.#isInUse = false;
	}
}

/** The named group of a pattern that captures a port which the daemon chooses: `port`, or NAME of `ports.NAME`. */
export const groupOf = (name: string): string => name.replace(/^ports\./, '');
