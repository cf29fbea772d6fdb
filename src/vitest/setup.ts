/** The entry `withdaemon/vitest/setup`: starts a group of daemons once for a whole run of vitest. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkedAtCallOf } from '../call-site.ts';
import { loadConfig } from '../config/load.ts';
import type { Checked } from '../group/member.ts';
import { tellOthers } from '../hooks/distant-daemon.ts';
import { type DaemonGroup, defineDaemons, InvalidOptionError, type RunningMember, startDaemons } from '../index.ts';
import { DAEMONS, EXPORTS, WHEREABOUTS } from './provided.ts';

export type { Provided } from './provided.ts';

/** What is needed of vitest's `TestProject`: vitest 3 refuses an import of `vitest` in a global setup. */
export interface Project {
	readonly config: { readonly root: string; readonly setupFiles: string[] };
	readonly vitest: { readonly projects: readonly Project[] };
	isRootProject(): boolean;
	getProvidedContext(): object;
	provide(name: never, value: never): void;
}

/** Every test file of the project runs it. */
const EACH_FILE = fileURLToPath(new URL('./each-file.js', import.meta.url));

/**
 * For a file of vitest's `globalSetup`: starts a group of daemons before the first test of a run, and ends it after the
 * last one. With several projects it is started once, and in watch mode it is kept over re-runs. The tests read
 * `inject('daemons')`, and what members export is in their `process.env`. If a daemon dies, the tests that run fail at
 * once, and tests that fail later are told.
 *
 * @param group the members, or the path of a config file, seen from vitest's root. Relative paths of the members are seen from
 *   the working directory of vitest, unlike those of the program `withdaemon`, which goes to the folder of the file.
 * @returns the function that vitest calls. It rejects with the errors of `startDaemons`.
 * @throws {@link InvalidOptionError} at once if the members are invalid.
 *
 * @example
 * // vitest.global-setup.ts
 * export default daemonSetup({ redis: { startupCommand: 'redis-server --port {port}', port: 'auto' } });
 */
export function daemonSetup<const G extends DaemonGroup>(
	group: (G & Checked<G>) | string,
): (project: Project) => Promise<() => Promise<void>> {
	if (typeof group !== 'string') checkedAtCallOf(daemonSetup, () => defineDaemons(group as DaemonGroup));
	// Each project evaluates the file anew.
	const site: { stack?: string } = {};
	Error.captureStackTrace(site, daemonSetup);
	const key = typeof group === 'string' ? group : (site.stack?.split('\n')[1] ?? '');
	return async project => {
		const shared = sharedBy(project, key);
		const load = async () =>
			typeof group === 'string' ? await loadConfig(resolve(project.config.root, group)) : group;
		await shared.join(load);
		shared.provideTo(project);
		return () => shared.leave();
	};
}

/** The group of a run, which several projects may ask for. */
class SharedGroup {
	#users = 0;
	#starting: ReturnType<typeof startDaemons> | undefined;
	#members: readonly (readonly [name: string, RunningMember])[] = [];
	#before: readonly (readonly [name: string, value: string | undefined])[] = [];
	#whereabouts: readonly ReturnType<typeof tellOthers>[] = [];

	async join(load: () => Promise<DaemonGroup>): Promise<void> {
		this.#users++;
		this.#starting ??= load().then(group => startDaemons(group));
		const running = await this.#starting;
		if (this.#members.length > 0) return;
		this.#members = Object.entries(running);
		// A task has ended.
		this.#whereabouts = this.#members.filter(([, { state }]) => state !== 'stopped').map(([, one]) => tellOthers(one));
		const names = Object.keys(this.#exports());
		this.#before = names.map(name => [name, process.env[name]]);
		// Workers that are started later inherit it.
		Object.assign(process.env, this.#exports());
	}

	provideTo(project: Project): void {
		const daemons = Object.fromEntries(this.#members.map(([name, member]) => [name, describe(member)]));
		const before: Readonly<Record<string, unknown>> = { ...project.getProvidedContext() };
		const provide = (key: string, value: unknown) => project.provide(key as never, value as never);
		provide(DAEMONS, { ...(before[DAEMONS] ?? {}), ...daemons });
		provide(EXPORTS, { ...(before[EXPORTS] ?? {}), ...this.#exports() });
		provide(WHEREABOUTS, [...((before[WHEREABOUTS] as []) ?? []), ...this.#whereabouts]);
		for (const { config } of project.isRootProject() ? project.vitest.projects : [project])
			if (!config.setupFiles.includes(EACH_FILE)) config.setupFiles.push(EACH_FILE);
	}

	async leave(): Promise<void> {
		if (--this.#users > 0) return;
		for (const [name, value] of this.#before) {
			if (value === undefined) delete process.env[name];
			else process.env[name] = value;
		}
		await (await this.#starting)?.[Symbol.asyncDispose]();
	}

	#exports(): Readonly<Record<string, string>> {
		return Object.assign({}, ...this.#members.map(([, { exports }]) => exports));
	}
}

function describe(member: RunningMember): object {
	const { pid, ports, captures, exports } = member;
	return { pid, port: portOf(member), ports, captures, exports };
}

function portOf(member: RunningMember): number | undefined {
	try {
		return member.port;
	} catch (error) {
		if (error instanceof InvalidOptionError) return undefined;
		throw error;
	}
}

const groups = new WeakMap<object, Map<string, SharedGroup>>();

function sharedBy({ vitest }: Project, key: string): SharedGroup {
	const ofRun = groups.get(vitest) ?? new Map<string, SharedGroup>();
	groups.set(vitest, ofRun);
	const shared = ofRun.get(key) ?? new SharedGroup();
	ofRun.set(key, shared);
	return shared;
}
