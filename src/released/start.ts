/** Starts daemons that outlive this process. A daemon that runs already with the same definition is left as it is. */
import { AlreadyRunningError } from '../errors.ts';
import { checkGroup } from '../group/check.ts';
import { allDependencies, graphOf } from '../group/graph.ts';
import type { DaemonGroup, GroupOptions } from '../group/member.ts';
import type { RunningMember } from '../group/running-member.ts';
import { removeEmpty } from '../registry/released.ts';
import { whyAway, whyGone } from './condition.ts';
import { type Ending, endReleased } from './end.ts';
import { findReleased, type Released } from './find.ts';
import { GroupRelease } from './group-release.ts';
import { lockDaemons, type OnWait } from './lock.ts';
import { refuseTied } from './tied.ts';

export interface StartRequest {
	/** The folder that the daemons belong to. */
	readonly checkout: string;
	readonly group: DaemonGroup;
	/** Its abort ends the start. */
	readonly signal: AbortSignal;
	/** Whether the daemons shall survive the end of the CI job too. */
	readonly outlivesJob?: boolean;
	/** Is called with each new state of a daemon that is started, like `onChange` of a group. */
	readonly onChange?: GroupOptions['onChange'];
	/** Is called when another command is at work on a daemon, and has to be waited for. */
	readonly onWait?: OnWait;
	/** Is called when what a dead daemon had left has been ended. */
	onTidied?(ending: Ending): void;
	/** What to do about a daemon that runs with another definition. Absent: `withdaemon restart`. */
	readonly remedy?: (name: string) => string;
}

/** What a start has done with a member. */
export interface Started {
	readonly name: string;
	readonly how: 'started' | 'runs already' | 'done';
	/** Undefined for a task. */
	readonly released: Released | undefined;
	/** Empty for a task that was not done again. */
	readonly captures: RunningMember['captures'];
	readonly exports: Readonly<Record<string, string>>;
}

/**
 * Resolves when all are ready and released.
 *
 * @throws the errors of the start of a group, and {@link AlreadyRunningError} for a daemon that runs with another
 * definition. Then nothing is left of what was started.
 */
export async function startReleased(request: StartRequest): Promise<Started[]> {
	const { checkout, group, signal, onWait } = request;
	// All is checked before anything is waited for.
	checkGroup(group);
	refuseTied(group);
	const release = await lockDaemons(checkout, Object.keys(group), 'start', { signal, onWait });
	try {
		return await startLocked(request);
	} finally {
		// A start that has failed leaves not even the folder of the checkout.
		removeEmpty(checkout);
		release();
	}
}

/**
 * Call this with the locks of all members.
 *
 * @param ports the ports that daemons have to get again, by the names of the daemons and their placeholders.
 */
export async function startLocked(
	request: StartRequest,
	ports: ReadonlyMap<string, Readonly<Record<string, number>>> = new Map(),
): Promise<Started[]> {
	const { checkout, group, signal, outlivesJob = false, onChange, remedy = restart } = request;
	const running = await findRunning(request);
	const plan = checkGroup(withoutNeedlessTasks(group, running), { onChange });
	const members = await new GroupRelease({ plan, checkout, running, outlivesJob, ports, remedy }).run(signal);
	return [...plan.members.values()].map(({ name, isTask }) => {
		const how = isTask ? 'done' : running.has(name) ? 'runs already' : 'started';
		const { captures = {}, exports = {} } = members.get(name) ?? {};
		return { name, how, released: isTask ? undefined : findReleased(checkout, name), captures, exports };
	});
}

const restart = (name: string) => `\`withdaemon restart ${name}\` takes over what has changed`;

/** The members that run. What dead ones have left is ended, as it would be in the way. */
async function findRunning({ checkout, group, onTidied }: StartRequest): Promise<ReadonlyMap<string, Released>> {
	const running = new Map<string, Released>();
	for (const name of Object.keys(group)) {
		const found = findReleased(checkout, name);
		if (found === undefined) continue;
		const away = whyAway(found);
		const { pid } = found.launched.identity;
		if (away !== undefined) throw new AlreadyRunningError(name, pid, { evidence: [['where', away]] });
		if (whyGone(found) === undefined) running.set(name, found);
		else {
			const ending = await endReleased(found);
			if (ending) onTidied?.(ending);
		}
	}
	return running;
}

/**
 * A task is done again if one of those that depend on it is about to start, or if none depends on it. It is also
 * done if it exports variables, which only it knows.
 */
function withoutNeedlessTasks(group: DaemonGroup, running: ReadonlyMap<string, Released>): DaemonGroup {
	const graph = graphOf(group);
	const dependents = (task: string) => [...graph.keys()].filter(name => allDependencies(graph, name).has(task));
	const isNeedless = (name: string) => {
		const { task = false, exports = {} } = group[name] ?? {};
		const waiting = dependents(name);
		const areUp = waiting.length > 0 && waiting.every(other => running.has(other) || group[other]?.task === true);
		return task && Object.keys(exports).length === 0 && areUp;
	};
	/** What depends on a task that is left out depends on what that depends on. */
	const after = (name: string): string[] =>
		(graph.get(name) ?? []).flatMap(dependency => (isNeedless(dependency) ? after(dependency) : [dependency]));
	const kept = Object.entries(group).filter(([name]) => !isNeedless(name));
	return Object.fromEntries(kept.map(([name, member]) => [name, { ...member, dependsOn: after(name) }]));
}
