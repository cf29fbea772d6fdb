/** The group of a run of vitest, which several projects may ask for. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DaemonOfRun, DaemonsOfRun } from './daemons-of-run.ts';
import { DAEMONS, EXPORTS, WHEREABOUTS } from './provided.ts';

/** What is needed of vitest's `TestProject`: vitest 3 refuses an import of `vitest` in a global setup. */
export interface Project {
	readonly config: {
		readonly root: string;
		readonly setupFiles: string[];
		readonly browser?: { readonly enabled?: boolean };
	};
	readonly vitest: { readonly config: { readonly root: string }; readonly projects: readonly Project[] };
	isRootProject(): boolean;
	getProvidedContext(): object;
	provide(name: never, value: never): void;
	onTestsRerun(before: () => Promise<void>): void;
}

/** Every test file of the project runs it. */
const EACH_FILE = join(fileURLToPath(import.meta.url), '../../vitest/each-file.js');

export class SharedGroup {
	readonly #start: () => Promise<DaemonsOfRun>;
	readonly #forget: () => void;
	readonly #projects = new Set<Project>();
	#starting: Promise<DaemonsOfRun> | undefined;
	/** The variables of this process before the members exported theirs. */
	readonly #before = new Map<string, string | undefined>();

	/**
	 * @param forget is called when no project uses it any more: after a change of its config, vitest begins anew in watch
	 * mode.
	 */
	constructor(start: () => Promise<DaemonsOfRun>, forget: () => void) {
		this.#start = start;
		this.#forget = forget;
	}

	async join(project: Project): Promise<void> {
		const isFirst = this.#projects.size === 0;
		this.#projects.add(project);
		this.#starting ??= this.#start();
		// A start that has failed may be tried again.
		this.#starting.catch(this.#forget);
		const { all } = await this.#starting;
		if (isFirst) {
			this.#export(all);
			project.onTestsRerun(() => this.#findAgain());
		}
		provideTo(project, all);
		for (const { config } of project.isRootProject() ? project.vitest.projects : [project]) {
			const { setupFiles, browser } = config;
			// The file needs Node.
			if (!browser?.enabled && !setupFiles.includes(EACH_FILE)) setupFiles.push(EACH_FILE);
		}
	}

	async leave(project: Project): Promise<void> {
		this.#projects.delete(project);
		if (this.#projects.size > 0) return;
		this.#forget();
		for (const [name, value] of this.#before) {
			if (value === undefined) delete process.env[name];
			else process.env[name] = value;
		}
		await (await this.#starting)?.end();
	}

	/** In watch mode somebody may have ended or restarted a daemon that does not belong to the run. */
	async #findAgain(): Promise<void> {
		if ((await this.#starting)?.areThere() !== false) return;
		const again = this.#start();
		try {
			const { all } = await again;
			this.#starting = again;
			this.#export(all);
			for (const project of this.#projects) provideTo(project, all);
		} catch (error) {
			// vitest would end. The tests that need a daemon fail, and say that it is gone.
			console.error(error);
		}
	}

	/** Exports to this process, from which workers that are started later inherit. */
	#export(all: readonly DaemonOfRun[]): void {
		for (const [name, value] of Object.entries(exportsOf(all))) {
			if (!this.#before.has(name)) this.#before.set(name, process.env[name]);
			process.env[name] = value;
		}
	}
}

function provideTo(project: Project, all: readonly DaemonOfRun[]): void {
	const before: Readonly<Record<string, object>> = { ...project.getProvidedContext() };
	const provide = (key: string, value: object) => project.provide(key as never, { ...before[key], ...value } as never);
	provide(DAEMONS, Object.fromEntries(all.map(({ name, provided }) => [name, provided])));
	provide(EXPORTS, exportsOf(all));
	provide(WHEREABOUTS, Object.fromEntries(all.map(({ name, whereabouts }) => [name, whereabouts])));
}

const exportsOf = (all: readonly DaemonOfRun[]): Readonly<Record<string, string>> =>
	Object.assign({}, ...all.map(({ provided }) => provided.exports));
