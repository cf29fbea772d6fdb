/** Starts the members of a group, each as soon as all that it depends on are ready. */
import { addEvidence, describeThrown, throwAll } from '../error-text.ts';
import { DaemonExitedError, InvalidOptionError, StartupError, StartupTimeoutError } from '../errors.ts';
import type { Membership } from '../lifecycle/scope.ts';
import type { DaemonOptions } from '../options/options.ts';
import { checkHelperOptions } from '../options/resolve.ts';
import { type RunningDaemon, startScoped } from '../start-daemon.ts';
import { Deadline } from '../time/deadline.ts';
import { DAEMONS, type GroupPlan, type PlannedMember } from './check.ts';
import { endMembers } from './end.ts';
import { fillExports } from './exports.ts';
import { allDependencies } from './graph.ts';
import { Progress } from './progress.ts';
import type { RunningMember } from './running-member.ts';
import { makeTell, type Tell } from './tell.ts';

/** Starts a member. `onMade` gets the daemon before its start. */
export type StartMember = (
	options: DaemonOptions,
	membership: Membership,
	onMade: (daemon: RunningDaemon) => void,
	member: PlannedMember,
) => Promise<RunningDaemon>;

/** Starts a member that ends with the caller. */
const startPlain: StartMember = (options, membership, onMade) =>
	startScoped(options, checkHelperOptions(options), membership, onMade);

export class GroupStart {
	readonly #plan: GroupPlan;
	readonly #startMember: StartMember;
	readonly #progress: Progress;
	readonly #tell: Tell;
	readonly #ready = new Map<string, RunningMember>();
	/** The daemons that have to be ended, tasks that were not done included. */
	readonly #running = new Map<string, RunningDaemon>();
	readonly #begun = new Map<string, Promise<void>>();
	readonly #givingUp = new AbortController();
	readonly #failures: unknown[] = [];
	/** The daemons of the members that have begun, ready or not. */
	readonly #made = new Map<string, RunningDaemon>();
	/** Whether the time limit came first. */
	#isLate = false;
	/** The member whose failure came first. */
	#teller: string | undefined;

	/** @param startMember may return a daemon that runs already. */
	constructor(plan: GroupPlan, startMember: StartMember = startPlain) {
		this.#plan = plan;
		this.#startMember = startMember;
		this.#progress = new Progress(plan.graph);
		this.#tell = makeTell(plan.options.onChange);
	}

	/**
	 * Resolves with the members when all are ready. Rejects with the first failure when everything has been ended.
	 *
	 * @param aborted the options `signal` of the group and of its members.
	 */
	async run(aborted: AbortSignal): Promise<ReadonlyMap<string, RunningMember>> {
		const { startupTimeout } = this.#plan.options;
		const deadline = startupTimeout === undefined ? undefined : new Deadline(startupTimeout);
		const late = deadline?.signal;
		const giveUp = () => this.#giveUp();
		const beLate = () => {
			this.#isLate = !this.#givingUp.signal.aborted;
			this.#giveUp();
		};
		aborted.addEventListener('abort', giveUp, { once: true });
		late?.addEventListener('abort', beLate, { once: true });
		if (aborted.aborted) giveUp();
		try {
			await Promise.allSettled([...this.#plan.graph.keys()].map(name => this.#begin(name)));
		} finally {
			aborted.removeEventListener('abort', giveUp);
			late?.removeEventListener('abort', beLate);
			deadline?.clear();
		}
		if (this.#givingUp.signal.aborted) throwAll(await this.#end(aborted));
		return this.#ready;
	}

	#begin(name: string): Promise<void> {
		const member = this.#plan.members.get(name);
		const begun = this.#begun.get(name) ?? (member ? this.#start(member) : Promise.resolve());
		this.#begun.set(name, begun);
		return begun;
	}

	async #start(member: PlannedMember): Promise<void> {
		await Promise.all(member.dependsOn.map(name => this.#begin(name)));
		if (this.#givingUp.signal.aborted) return;
		this.#progress.begin(member.name);
		try {
			const daemon = await this.#launch(member);
			this.#ready.set(member.name, daemon);
			this.#progress.becameReady(member.name);
			this.#tell({ name: member.name, state: daemon.state, daemon });
			const noteDeath = () => this.#noteDeath(member.name, daemon);
			if (daemon.signal.aborted) noteDeath();
			else daemon.signal.addEventListener('abort', noteDeath, { once: true });
		} catch (error) {
			this.#onFailure(member.name, error);
		}
	}

	#noteDeath(name: string, daemon: RunningDaemon): void {
		this.#tell({ name, state: 'failed', daemon, error: daemon.signal.reason });
		this.#fail(daemon.signal.reason);
	}

	async #launch(member: PlannedMember): Promise<RunningMember> {
		const { name, isTask } = member;
		const dependencies = allDependencies(this.#plan.graph, name);
		const options = member.optionsAfter(this.#startedFor(name, dependencies));
		if (member.options === undefined && options.signal !== undefined)
			throw new InvalidOptionError(name, ['`signal` cannot be returned by a function: give it to the group.']);
		const exported = [...dependencies].map(dependency => this.#ready.get(dependency)?.exports);
		const membership = { isTask, imports: Object.assign({}, ...exported) };
		// An abort is handed to the daemon only during its start. Later the group ends its members in order.
		const starting = new AbortController();
		const giveUp = () => {
			const made = this.#made.get(name);
			// Told now, as its log is gone when it has ended.
			if (made) this.#tell({ name, state: 'stopping', daemon: made });
			starting.abort(GIVEN_UP);
		};
		this.#givingUp.signal.addEventListener('abort', giveUp, { once: true });
		// The function of the options may have aborted it.
		if (this.#givingUp.signal.aborted) giveUp();
		const given = { ...options, signal: starting.signal };
		const onMade = (made: RunningDaemon) => {
			this.#made.set(name, made);
			this.#tell({ name, state: 'starting', daemon: made });
		};
		const daemon = await this.#startMember(given, membership, onMade, member).finally(() =>
			this.#givingUp.signal.removeEventListener('abort', giveUp),
		);
		this.#running.set(name, daemon);
		if (isTask) await daemon.proveAbsence();
		const exports = fillExports(member, new Map([...this.#ready, [name, daemon]]), (placeholder, why) => {
			throw new InvalidOptionError(name, [`${name}: \`exports\` uses {${placeholder}}, which ${why}.`]);
		});
		return Object.assign(daemon, { exports: Object.freeze(exports) });
	}

	/** To read a member that is not certain to be ready is an error. */
	#startedFor(name: string, dependencies: ReadonlySet<string>): Readonly<Record<string, RunningMember>> {
		const started: Record<string, RunningMember> = Object.create(null);
		for (const other of this.#plan.graph.keys()) {
			const get = () => {
				const daemon = dependencies.has(other) ? this.#ready.get(other) : undefined;
				if (daemon) return daemon;
				const problem = `${name}: \`options\` uses ${other}, on which it does not depend: name it in \`dependsOn\`.`;
				throw new InvalidOptionError(name, [problem]);
			};
			Object.defineProperty(started, other, { get, enumerable: dependencies.has(other) });
		}
		return started;
	}

	#onFailure(name: string, error: unknown): void {
		const isGivenUp = error instanceof StartupError && error.cause === GIVEN_UP;
		const isOwn = !isGivenUp || error.evidence.some(([label]) => LEFT.has(label));
		const state = isOwn ? 'failed' : 'stopped';
		this.#tell({ name, state, daemon: this.#made.get(name), error: isOwn ? error : undefined });
		if (isGivenUp) this.#progress.giveUp(name, error);
		// What its teardown has found is an error of the daemon, whoever asked it to end.
		if (isOwn) this.#fail(error, name);
	}

	#fail(error: unknown, name?: string): void {
		if (this.#failures.length === 0 && !this.#givingUp.signal.aborted) this.#teller = name;
		this.#failures.push(error);
		this.#giveUp();
	}

	#giveUp(): void {
		this.#progress.stop();
		this.#givingUp.abort(GIVEN_UP);
	}

	/** Returns the errors, the first failure first. */
	async #end(aborted: AbortSignal): Promise<unknown[]> {
		const teller = this.#teller;
		const [first] = this.#failures;
		if (teller !== undefined && first instanceof StartupTimeoutError)
			addEvidence(first, this.#progress.describe(teller));
		const isOwn = teller !== undefined || first instanceof DaemonExitedError;
		if (!isOwn) this.#failures.unshift(this.#isLate ? this.#toLate() : this.#toAborted(aborted.reason));
		for (const daemon of this.#running.values()) for (const failure of this.#failures) daemon.noteFailure(failure);
		const errors = await endMembers(this.#plan.graph, this.#running, this.#tell);
		return [...new Set([...this.#failures, ...errors])];
	}

	#toAborted(reason: unknown): StartupError {
		const what = `were stopped before they were ready, as their \`signal\` was aborted: ${describeThrown(reason)}`;
		return new StartupError(DAEMONS, what, { cause: reason, evidence: this.#progress.describe() });
	}

	#toLate(): StartupTimeoutError {
		const ms = this.#plan.options.startupTimeout ?? 0;
		const evidence = this.#progress.describe();
		return new StartupTimeoutError(DAEMONS, `were not ready within ${ms} ms`, ms, { evidence });
	}
}

/** The reason with which the start of a member is aborted when the group gives up. */
const GIVEN_UP = Symbol('the start of the group was given up');

/** Rows of a teardown that has found something wrong. */
const LEFT = new Set(['teardown', 'survivor']);
