/** Checks a group before anything is started, and says what has to be done for each of its members. */
import { types } from 'node:util';
import { InvalidOptionError } from '../errors.ts';
import { isDictionary, isRecord, isText, show } from '../option-rules.ts';
import { makeAbsolute } from '../options/absolute.ts';
import type { DaemonOptions, MemberOptions } from '../options/options.ts';
import { checkHelperOptions } from '../options/resolve.ts';
import { findProblems, isExports } from '../options/validate.ts';
import { type Exporter, findExportProblems, findRivals } from './exports.ts';
import { allDependencies, findGraphProblems, type Graph } from './graph.ts';
import type { DependentMember, GroupOptions } from './member.ts';

/** A member of a checked group. */
export interface PlannedMember extends Exporter {
	readonly dependsOn: readonly string[];
	readonly isTask: boolean;
	/** Makes the options of its daemon. If they are a function, that gets the members on which this one depends. */
	readonly optionsAfter: (started: Parameters<DependentMember['options']>[0]) => DaemonOptions;
}

export interface GroupPlan {
	readonly members: ReadonlyMap<string, PlannedMember>;
	readonly graph: Graph;
	readonly options: GroupOptions;
}

/** The name of a group in errors about it as a whole. */
export const DAEMONS = 'daemons';

/**
 * @param more what else is wrong with the call.
 * @throws {@link InvalidOptionError} that names every problem of every member.
 */
export function checkGroup(group: unknown, options: GroupOptions = {}, more: readonly string[] = []): GroupPlan {
	const given = isDictionary(group) ? new Map(Object.entries(group)) : undefined;
	const whole = [...findGroupProblems(given, group), ...findProblems(options, 'group'), ...more];
	const found = [...(given ?? [])].map(
		([name, member]) => [name, findMemberProblems(name, member, given?.size === 1)] as const,
	);
	const wrong = new Map(found.filter(([, problems]) => problems.length > 0));
	const members = new Map(
		[...(given ?? [])].map(([name, member]) => [name, planMember(name, member, !wrong.has(name))] as const),
	);
	const graph = new Map([...members.values()].map(({ name, dependsOn }) => [name, dependsOn]));
	const problems = [
		...whole,
		...[...wrong].flatMap(([name, problems]) => problems.map(problem => `${name}: ${problem}`)),
		...findGraphProblems(graph),
		...findRivals(members.values()),
		...[...members.values()].flatMap(one => findExportProblems(one, members, allDependencies(graph, one.name))),
	];
	if (problems.length > 0) throw new InvalidOptionError(DAEMONS, problems);
	return { members, graph, options };
}

function findGroupProblems(given: ReadonlyMap<string, unknown> | undefined, group: unknown): string[] {
	if (given === undefined) return [`A group has to be an object of members, but got ${show(group)}.`];
	return given.size === 0 ? ['A group has to have at least one member.'] : [];
}

/** Names that can stand in a placeholder, as in `{db.port}`. */
const NAME = /^[A-Za-z_][\w-]*$/;
/** No placeholder names the only member of a group, so it may be called `server.mjs`. */
const ONLY_NAME = /^[A-Za-z_][\w.-]*$/;

function findMemberProblems(name: string, member: unknown, isOnly: boolean): readonly string[] {
	if (!(isOnly ? ONLY_NAME : NAME).test(name))
		return ['The name of a member has to be letters, digits, _ and -, without a digit first.'];
	if (!isDictionary(member)) return [`A member has to be an object of options, but got ${show(member)}.`];
	if (member['options'] !== undefined) return findProblems(member, 'member with a function');
	return findOptionProblems(named(name, member), 'member', member['task'] === true);
}

function findOptionProblems(options: DaemonOptions, taker: 'helper' | 'member', isTask: boolean): readonly string[] {
	try {
		checkHelperOptions(options, taker);
		return isTask && options.forking
			? ['`task` and `forking` contradict each other: a task is done when it exits.']
			: [];
	} catch (error) {
		if (error instanceof InvalidOptionError) return error.problems;
		throw error;
	}
}

/** The name of a member is that of its daemon, unless another one is given. */
const named = (name: string, options: Readonly<Record<string, unknown>> | DaemonOptions) =>
	({ ...options, name: options.name ?? name }) as DaemonOptions;

/** @param isValid whether its options were found to be right; otherwise only `dependsOn` and `exports` count. */
function planMember(name: string, member: unknown, isValid: boolean): PlannedMember {
	const given: MemberOptions & Partial<Pick<DependentMember, 'options'>> = isRecord(member) ? member : {};
	const dependsOn = [given.dependsOn].flat().filter(isText);
	const { dependsOn: _, task = false, exports, options, ...others } = given;
	const isPlain = isValid && options === undefined;
	const plain = isPlain ? makeAbsolute(others) : others;
	return {
		name,
		dependsOn,
		isTask: task,
		exports: isExports(exports) ? exports : {},
		options: isPlain ? named(name, plain) : undefined,
		optionsAfter: started => (options === undefined ? named(name, plain) : assertOptions(name, options(started), task)),
	};
}

/** A function may return anything, such as a promise if it is async. */
function assertOptions(name: string, returned: unknown, isTask: boolean): DaemonOptions {
	if (types.isPromise(returned)) returned.catch(() => {});
	const isObject = isDictionary(returned) && !types.isPromise(returned);
	const got = types.isPromise(returned) ? 'a promise, for which nothing waits' : show(returned);
	const options = named(name, isObject ? returned : {});
	const problems = isObject
		? findOptionProblems(options, 'helper', isTask)
		: [`Expected the function \`options\` to return an object of options, but it returned ${got}.`];
	if (problems.length === 0) return options;
	throw new InvalidOptionError(
		name,
		problems.map(problem => `${name}: ${problem}`),
	);
}
