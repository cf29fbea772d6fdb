/** The entry `withdaemon/vitest/setup`: starts a group of daemons once for a whole run of vitest. */
import { resolve } from 'node:path';
import { callOf, checkedAtCallOf, seenFrom } from '../call-site.ts';
import { loadConfig } from '../config/load.ts';
import type { Checked } from '../group/member.ts';
import { type DaemonGroup, defineDaemons, InvalidOptionError } from '../index.ts';
import { boolean, findGivenProblems } from '../option-rules.ts';
import { refuseTied } from '../released/tied.ts';
import { type DaemonsOfRun, startForRun } from './daemons-of-run.ts';
import { type Project, SharedGroup } from './shared-group.ts';

export type { Provided } from './provided.ts';
export type { Project } from './shared-group.ts';

export interface SetupOptions {
	/**
	 * Whether the daemons outlive the run, and are found again by the next one. Then they are those that
	 * `withdaemon start` starts: they belong to the folder of the config file, or else to vitest's root, and
	 * `withdaemon stop` ends them. A daemon that runs with another definition fails the run, with what differs. Defaults
	 * to false; use `!process.env.CI`, as nobody would stop them after a job.
	 */
	readonly reuse?: boolean | undefined;
}

/**
 * For a file of vitest's `globalSetup`: starts a group of daemons before the first test of a run, and ends it after the
 * last one. With several projects it is started once, and in watch mode it is kept over re-runs. The tests read
 * `inject('daemons')`, and what members export is in their `process.env`. If a daemon dies, the tests that run fail at
 * once, and tests that fail later show the death.
 *
 * @param group the members, or the path of a config file, seen from the root of the project. Relative paths of the
 *   members are seen from the working directory of vitest, unlike those of the program `withdaemon`, which goes to the
 *   folder of the file.
 * @returns the function that vitest calls. It rejects with the errors of `startDaemons`; with `reuse` also with an
 * {@link AlreadyRunningError}.
 * @throws {@link InvalidOptionError} at once if the members or the options are invalid.
 *
 * @example
 * // vitest.global-setup.ts
 * export default daemonSetup({ redis: { startupCommand: 'redis-server --port {port}', port: 'auto' } });
 */
export function daemonSetup<const G extends DaemonGroup>(
	group: (G & Checked<G>) | string,
	options: SetupOptions = {},
): (project: Project) => Promise<() => Promise<void>> {
	checkedAtCallOf(daemonSetup, () => check(group, options));
	const call = callOf(daemonSetup);
	const { reuse = false } = options;
	return async project => {
		const { file, load } = toSource(group, project.config.root);
		const start = async () => {
			const members = await load();
			if (!reuse) return await startForRun(members);
			const { reuseForRun } = await import('./reused-daemons.ts');
			// Not the root of the project, which is another one with `--project`.
			return await reuseForRun(members, { root: project.vitest.config.root, file });
		};
		// Each project evaluates its file anew, so it has a group of its own that is the same.
		const key = file ?? `${Object.keys(group)} ${call}`;
		const shared = sharedBy(project, key, () => seenFrom(call, start));
		await shared.join(project);
		return () => shared.leave(project);
	};
}

function toSource(group: DaemonGroup | string, root: string) {
	if (typeof group !== 'string') return { file: undefined, load: async () => group };
	const file = resolve(root, group);
	return { file, load: () => loadConfig(file) };
}

function check(group: DaemonGroup | string, options: SetupOptions): void {
	const problems = findGivenProblems({}, options, { reuse: boolean });
	if (problems.length > 0) throw new InvalidOptionError('daemonSetup', problems);
	if (typeof group === 'string') return;
	defineDaemons(group);
	if (options.reuse) refuseTied(group);
}

const groups = new WeakMap<object, Map<string, SharedGroup>>();

function sharedBy({ vitest }: Project, key: string, start: () => Promise<DaemonsOfRun>): SharedGroup {
	const ofRun = groups.get(vitest) ?? new Map<string, SharedGroup>();
	groups.set(vitest, ofRun);
	const shared = ofRun.get(key) ?? new SharedGroup(start, () => ofRun.delete(key));
	ofRun.set(key, shared);
	return shared;
}
