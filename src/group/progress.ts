/** How far the members of a group have got, and the rows about that in the error of a start that took too long. */
import type { EvidenceRow } from '../error-text.ts';
import { DaemonError } from '../errors.ts';
import { now } from '../time/clock.ts';
import type { Graph } from './graph.ts';

export class Progress {
	readonly #graph: Graph;
	readonly #begunAt = new Map<string, number>();
	readonly #readyAt = new Map<string, number>();
	/** The errors of the starts that were given up. They were made before the teardown. */
	readonly #givenUp = new Map<string, unknown>();
	#overAt: number | undefined;

	constructor(graph: Graph) {
		this.#graph = graph;
	}

	begin(name: string): void {
		this.#begunAt.set(name, now());
	}

	becameReady(name: string): void {
		this.#readyAt.set(name, now());
	}

	/** The start of a member that was under way has been given up, as the group is ended. */
	giveUp(name: string, error: unknown): void {
		this.#givenUp.set(name, error);
	}

	/** The start is over: from now on, no member takes longer. Only the first call counts. */
	stop(): void {
		this.#overAt ??= now();
	}

	/**
	 * Rows about every member that is not ready, with the last reason of each, and about the critical path, unless the
	 * teller waited for no other: its error says how long it took.
	 *
	 * @param teller the member whose error shows its own reasons already.
	 */
	describe(teller?: string): EvidenceRow[] {
		const missing = [...this.#graph.keys()].filter(name => !this.#readyAt.has(name));
		const under = missing.filter(name => this.#begunAt.has(name) && (teller ?? name) === name);
		return [
			...missing.filter(name => name !== teller).flatMap(name => this.#describeMissing(name)),
			...under
				.filter(name => name !== teller || this.#lastBefore(name) !== undefined)
				.map(name => ['path', this.#describePath(name)] as const),
			...(teller === undefined ? under.flatMap(name => this.#rowsOf(name, 'log')) : []),
		];
	}

	#describeMissing(name: string): EvidenceRow[] {
		if (this.#begunAt.has(name)) {
			const reasons = this.#rowsOf(name, 'waiting for');
			return reasons.length > 0
				? reasons.map(([, row]) => ['not ready', row])
				: [['not ready', `${name}   is starting`]];
		}
		const waitsFor = this.#graph.get(name)?.filter(dependency => !this.#readyAt.has(dependency)) ?? [];
		const why = waitsFor.length === 0 ? '' : `, as it waits for ${waitsFor.join(' and ')}`;
		return [['not ready', `${name}   not started${why}`]];
	}

	#rowsOf(name: string, label: string): EvidenceRow[] {
		const error = this.#givenUp.get(name);
		const rows = error instanceof DaemonError ? error.evidence : [];
		return rows.filter(([other]) => other === label).map(([, text]) => [label, `${name}   ${text}`]);
	}

	/** The members that it had to wait for, one after the other, each with the time that it took. */
	#describePath(name: string): string {
		const steps = [`${name} not ready after ${this.#took(name)}`];
		for (let last = this.#lastBefore(name); last !== undefined; last = this.#lastBefore(last))
			steps.unshift(`${last} ${this.#took(last)}`);
		return steps.join(' → ');
	}

	/** The dependency that was ready last. */
	#lastBefore(name: string): string | undefined {
		const readyAt = (dependency: string) => this.#readyAt.get(dependency) ?? 0;
		return this.#graph
			.get(name)
			?.reduce<string | undefined>(
				(last, next) => (last === undefined || readyAt(next) > readyAt(last) ? next : last),
				undefined,
			);
	}

	#took(name: string): string {
		const end = this.#readyAt.get(name) ?? this.#overAt ?? now();
		return `${Math.round(end - (this.#begunAt.get(name) ?? end))} ms`;
	}
}
