/**
 * One start of daemons that are to outlive this process: until all of them are ready they end with it, and then each is
 * released in one step, dependencies first.
 */
import { throwAll } from '../error-text.ts';
import { AlreadyRunningError } from '../errors.ts';
import type { GroupPlan } from '../group/check.ts';
import { endMembers } from '../group/end.ts';
import { allDependencies } from '../group/graph.ts';
import type { RunningMember } from '../group/running-member.ts';
import { GroupStart, type StartMember } from '../group/start.ts';
import { makeTell } from '../group/tell.ts';
import type { DaemonOptions } from '../options/options.ts';
import { checkHelperOptions } from '../options/resolve.ts';
import { readMachine } from '../registry/host-id.ts';
import { nameReleased, openReleased } from '../registry/released.ts';
import { type RunningDaemon, startScoped } from '../start-daemon.ts';
import { now, wallClock } from '../time/clock.ts';
import { type Definition, define, findDifferences, toValues } from './definition.ts';
import { endReleased } from './end.ts';
import { findReleased, type Released } from './find.ts';
import { withPorts } from './keep-ports.ts';
import { toRunning } from './running-already.ts';
import { toSurvive } from './survive.ts';
import { refuseTied } from './tied.ts';

interface ReleaseRequest {
	readonly plan: GroupPlan;
	readonly checkout: string;
	readonly running: ReadonlyMap<string, Released>;
	readonly outlivesJob: boolean;
	readonly ports: ReadonlyMap<string, Readonly<Record<string, number>>>;
	readonly remedy: (name: string) => string;
}

type Facts = Parameters<RunningDaemon['leaveTo']>[1];

/** A daemon that this start has made. */
interface Fresh {
	readonly daemon: RunningDaemon;
	readonly facts: Omit<Facts, 'exports'>;
}

export class GroupRelease {
	readonly #request: ReleaseRequest;
	/** In the order in which they became ready: none is before what it depends on. */
	readonly #fresh = new Map<string, Fresh>();

	constructor(request: ReleaseRequest) {
		this.#request = request;
	}

	/** @throws the first failure, when nothing is left of what was started. */
	async run(signal: AbortSignal): Promise<ReadonlyMap<string, RunningMember>> {
		const { plan } = this.#request;
		const members = await new GroupStart(plan, this.#start).run(signal);
		for (const name of [...this.#fresh.keys()].filter(one => plan.members.get(one)?.isTask)) await this.#forget(name);
		const left: string[] = [];
		try {
			for (const { daemon } of this.#fresh.values()) daemon.signal.throwIfAborted();
			for (const [name, fresh] of this.#fresh) {
				await this.#leave(name, fresh, members.get(name)?.exports ?? {});
				left.push(name);
			}
		} catch (error) {
			throwAll([error, ...(await this.#undo(left))]);
		}
		return members;
	}

	readonly #start: StartMember = async (given, membership, onMade, { name, isTask }) => {
		const { plan, checkout, running, outlivesJob, ports, remedy } = this.#request;
		refuseTied({ [name]: given });
		const absolute = withAbsolutePaths(given);
		const definition = define(absolute, membership.imports);
		const there = running.get(name);
		if (there) return assertSame(there, definition, remedy);
		const again = isTask ? given : withPorts(given, ports.get(name) ?? {});
		const options = { ...again, env: { ...toSurvive(process.env, outlivesJob), ...again.env } };
		const [startedAt, since] = [wallClock(), now()];
		const inFolder = checkHelperOptions(options);
		const daemon = await startScoped(options, inFolder, membership, onMade, () => makeFolder(checkout));
		const machine = readMachine();
		const readyAfter = now() - since;
		// What it depends on through a task counts, too, as a task has no entry.
		const dependsOn = [...allDependencies(plan.graph, name)].filter(other => !plan.members.get(other)?.isTask);
		const facts = {
			name,
			checkout,
			machine,
			definition,
			options: toValues(absolute),
			dependsOn,
			startedAt,
			readyAfter,
		};
		this.#fresh.set(name, { daemon, facts });
		return daemon;
	};

	async #leave(name: string, { daemon, facts }: Fresh, exports: Readonly<Record<string, string>>): Promise<void> {
		const folder = openReleased(this.#request.checkout);
		try {
			await daemon.leaveTo(folder.path(nameReleased(name)), { ...facts, exports });
		} finally {
			folder.close();
		}
	}

	/** Removes what a task that is done has left: its log, which was kept for the errors of this start. */
	async #forget(task: string): Promise<void> {
		const fresh = this.#fresh.get(task);
		this.#fresh.delete(task);
		await fresh?.daemon[Symbol.asyncDispose]();
	}

	/** Returns the errors of the teardowns. */
	async #undo(left: readonly string[]): Promise<unknown[]> {
		const { plan, checkout } = this.#request;
		const scoped = [...this.#fresh]
			.filter(([name]) => !left.includes(name))
			.map(([name, { daemon }]) => [name, daemon] as const);
		const errors = await endMembers(plan.graph, new Map(scoped), makeTell(plan.options.onChange));
		for (const name of left.toReversed()) {
			const released = findReleased(checkout, name);
			const ending = released && (await endReleased(released));
			if (ending?.error) errors.push(ending.error);
		}
		return errors;
	}
}

/** Makes the paths absolute, as another command may work in another folder. */
function withAbsolutePaths(given: DaemonOptions): DaemonOptions {
	const { cwd, logFile, pidFile } = checkHelperOptions(given)('/').resolved;
	return {
		...given,
		nochdir: undefined,
		cwd,
		...(given.logFile === undefined ? {} : { logFile }),
		...(given.pidFile === undefined ? {} : { pidFile }),
	};
}

/** Every daemon of a checkout has its own private folder in that of the checkout. */
function makeFolder(checkout: string): string {
	const folder = openReleased(checkout);
	folder.close();
	return folder.name;
}

function assertSame(there: Released, definition: Definition, remedy: (name: string) => string): RunningDaemon {
	const { record, launched } = there;
	const differences = findDifferences(record.definition, definition);
	if (differences.length === 0) return toRunning(there);
	throw new AlreadyRunningError(record.name, launched.identity.pid, {
		evidence: [...differences.map(difference => ['differs', difference] as const), ['hint', remedy(record.name)]],
	});
}
