/** A group whose members are ready, from then until all of them have ended. */
import { reasonsOf } from '../error-text.ts';
import type { GroupPlan } from './check.ts';
import { endMembers } from './end.ts';
import type { DaemonGroup } from './member.ts';
import type { RunningGroup, RunningMember } from './running-member.ts';
import { GroupStart } from './start.ts';
import { makeTell } from './tell.ts';

/** Starts every member, and rejects when nothing is left if one fails. */
export async function startGroup(plan: GroupPlan): Promise<GroupInUse> {
	const members = [...plan.members.values()].map(({ options }) => options?.signal);
	const aborted = AbortSignal.any([plan.options.signal, ...members].filter(signal => signal !== undefined));
	return new GroupInUse(plan, await new GroupStart(plan).run(aborted), aborted);
}

export class GroupInUse {
	readonly members: ReadonlyMap<string, RunningMember>;
	/** Aborts when a member dies, or when an option `signal` does. */
	readonly signal: AbortSignal;
	readonly #plan: GroupPlan;
	readonly #aborted: AbortSignal;
	/** The teardown that an abort began, until its result was reported. */
	#ending: Promise<unknown[]> | undefined;

	constructor(plan: GroupPlan, members: ReadonlyMap<string, RunningMember>, aborted: AbortSignal) {
		this.#plan = plan;
		this.members = members;
		this.#aborted = aborted;
		this.signal = AbortSignal.any([...[...members.values()].map(({ signal }) => signal), aborted]);
		if (aborted.aborted) this.#endAtAbort();
		aborted.addEventListener('abort', this.#endAtAbort, { once: true });
	}

	/** The members alone: no name can clash with anything. */
	toObject<G extends DaemonGroup>(): RunningGroup<G> {
		return Object.assign(Object.create(null), Object.fromEntries(this.members));
	}

	/** What all members export. */
	get exports(): Readonly<Record<string, string>> {
		return Object.assign({}, ...[...this.members.values()].map(({ exports }) => exports));
	}

	/** Call this before the end, as temporary folders may have to be kept. */
	noteFailure(error: unknown): void {
		for (const daemon of this.members.values()) daemon.noteFailure(error);
	}

	/** The deaths that were not reported yet. `isSuspected`: the use has failed, perhaps because of one. */
	async takeDeaths(isSuspected: boolean): Promise<readonly unknown[]> {
		const checks = [...this.members.values()].map(daemon => daemon.assertNotDied(isSuspected));
		return reasonsOf(await Promise.allSettled(checks));
	}

	/** Ends the members, dependents first, and returns the errors. Safe to call twice. */
	async end(): Promise<readonly unknown[]> {
		const ending = this.#ending ?? this.#end();
		this.#ending = undefined;
		return await ending;
	}

	async #end(): Promise<unknown[]> {
		this.#aborted.removeEventListener('abort', this.#endAtAbort);
		return await endMembers(this.#plan.graph, this.members, makeTell(this.#plan.options.onChange));
	}

	readonly #endAtAbort = (): void => {
		this.noteFailure(undefined);
		this.#ending ??= this.#end();
	};
}
