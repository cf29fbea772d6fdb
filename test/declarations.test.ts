/** The packed declarations, in a project that also checks its libraries, with old and new TypeScript. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { project } from './support/projects.ts';

const suite = `
	import { Daemon, type RunningDaemon, startDaemon, withDaemon, Server, PidFile, StartupTimeoutError, type TypedPattern } from 'withdaemon';

	export async function use(): Promise<number> {
		const redis: RunningDaemon = await startDaemon({ startupCommand: ['redis-server'], lookFor: /port (?<port>\\d+)/ });
		const daemon: Daemon = redis;
		daemon.kill('SIGTERM');
		return await withDaemon({ startupCommand: 'x', port: 'auto', env: { A: 'b' } }, async ({ port, log }, { signal }) => {
			await log.waitFor('x', { timeout: 5, signal });
			return port;
		});
	}
	const typed = /port (?<port>\\d+)/ as TypedPattern<{ port: string }>;
	export async function port(): Promise<string[]> {
		const daemon = await startDaemon({ startupCommand: 'x', lookFor: typed });
		// @ts-expect-error: the pattern has no such group.
		void daemon.captures.host;
		const loose: RunningDaemon = await startDaemon({ startupCommand: 'x', lookFor: /(?<port>\\d+)/ });
		// @ts-expect-error: the group may be undefined.
		const missing: string = loose.captures['port'];
		const core = new Daemon({ name: 'x', pidFile: 'x', startupCommand: 'x', lookFor: typed });
		const { groups } = await daemon.log.waitFor(typed);
		const inUse = await withDaemon({ server: 'x', lookFor: typed }, ({ captures }) => captures.port);
		return [missing, core.captures.port, groups.port, inUse, daemon.captures.port];
	}
	export type Seen = [Server, PidFile, StartupTimeoutError];
	// @ts-expect-error: there is no such option.
	void withDaemon({ startupCommand: 'x', lookfor: 'x' }, () => {});
	// @ts-expect-error: a time is in ms.
	void withDaemon({ startupCommand: 'x', timeout: '5s' }, () => {});
	// @ts-expect-error: no function is given.
	void withDaemon({ startupCommand: 'x' });
	// @ts-expect-error: the additions of a helper are internal.
	void new Daemon({ name: 'x', pidFile: 'x.pid', startupCommand: 'x' }, {});
	const internal = ${JSON.stringify(['assertNotDied', 'isOver', 'noteFailure', 'writeLaunched', 'startOver', 'firstOutputAt'])} as const;
	type Public = keyof RunningDaemon | keyof PidFile | keyof RunningDaemon['log'] | keyof Server;
	export const none: Extract<Public, (typeof internal)[number]> extends never ? true : false = true;
	// @ts-expect-error: the description of an exit is internal.
	import { describeExit } from 'withdaemon';
	// @ts-expect-error: the ports in use differ from the option.
	export const assign = (daemon: Daemon) => (daemon.port = 1);
`;

/** What users write with vitest; the types of its versions 3, 4 and 5 differ. */
const tests = `
	import { expect, inject, test } from 'vitest';
	import 'withdaemon/vitest/matchers';
	import { defineDaemons, startDaemon } from 'withdaemon';
	import { daemonFixture, useDaemon } from 'withdaemon/vitest';
	import { daemonSetup, type Provided } from 'withdaemon/vitest/setup';

	const group = defineDaemons({ api: { startupCommand: 'x', port: 'auto' }, db: { startupCommand: 'y' } });
	export default daemonSetup(group);
	declare module 'vitest' {
		interface ProvidedContext {
			daemons: Provided<typeof group>;
		}
	}
	export const ports: [number, number | undefined] = [inject('daemons').api.port, inject('daemons').db.port];
	// @ts-expect-error: there is no such member.
	void inject('daemons').other;
	// @ts-expect-error: there is no such option.
	daemonSetup({ api: { startupCommand: 'x', lookfor: 'x' } });
	const used = useDaemon({ startupCommand: 'x' });
	test.extend({ redis: daemonFixture({ startupCommand: 'x' }) })('y', ({ redis }) => expect(redis).toBeAlive());
	const ofWorker = test.extend({ db: daemonFixture({ startupCommand: 'x' }, { scope: 'worker' }) });
	ofWorker('z', ({ db }) => expect(db.pid).toBe(1));
	test('x', async () => {
		expect(used).not.toBeGone();
		expect(await startDaemon({ startupCommand: 'x' })).toHaveLogged(/x/);
		await expect.poll(() => used).toBeGone();
		const exited: Promise<void> = expect(used).toHaveExitedWith('SIGTERM');
		await exited;
		// @ts-expect-error: a status is a number or a signal.
		await expect(used).toHaveExitedWith(true);
	});
`;

const modules = [
	['NodeNext', 'NodeNext'],
	['ESNext', 'Bundler'],
] as const;

/** A project for each way of resolving modules. */
function projects(code = suite, types: readonly string[] = []): string[] {
	const folder = project({ 'use.ts': code });
	return modules.map(([module, moduleResolution]) => {
		const compilerOptions = {
			...{ module, moduleResolution, target: 'es2022', lib: ['es2022'] },
			...{ strict: true, noEmit: true, skipLibCheck: false, types },
		};
		const path = join(folder, `${moduleResolution}.json`);
		writeFileSync(path, JSON.stringify({ compilerOptions, files: ['use.ts'] }));
		return path;
	});
}

const require = createRequire(import.meta.url);

const ofOthers = /\/node_modules\/(?:@types\/node|undici-types|typescript[^/]*)\//;

// Most of the time of these compilers would go into the declarations of Node, which are not ours.
test.for(['typescript-5.0', 'typescript-5.9'])(
	'the declarations compile with %s',
	{
		timeout: 240_000,
	},
	compiler => {
		const ts: typeof import('typescript-5.9') = require(compiler);
		const parsed = new Map<string, import('typescript-5.9').SourceFile | undefined>();
		for (const path of projects()) {
			const { fileNames, options } = ts.parseJsonConfigFileContent(
				ts.readConfigFile(path, ts.sys.readFile).config,
				ts.sys,
				dirname(path),
			);
			const host = ts.createCompilerHost(options);
			const { getSourceFile } = host;
			// The largest part is those of Node and of the language, which are the same for each way.
			host.getSourceFile = (name, how, ...rest) => {
				const key = ofOthers.test(name) ? name : JSON.stringify([name, how]);
				if (!parsed.has(key)) parsed.set(key, getSourceFile(name, how, ...rest));
				return parsed.get(key);
			};
			const program = ts.createProgram(fileNames, options, host);
			const files = program.getSourceFiles().filter(({ fileName }) => /\/use\.ts$|\/withdaemon\/dist\//.test(fileName));
			expect(files.map(({ fileName }) => basename(fileName))).toEqual(
				expect.arrayContaining(['use.ts', 'index.d.ts', 'daemon.d.ts']),
			);
			const faults = [
				...program.getOptionsDiagnostics(),
				...program.getGlobalDiagnostics(),
				...files.flatMap(file => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
			];
			expect(faults.map(({ file, messageText }) => [file?.fileName, messageText])).toEqual([]);
		}
	},
);

test('the declarations compile with the newest TypeScript, which checks every library', { timeout: 240_000 }, () => {
	const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
	for (const path of [...projects(), ...projects(tests, ['node'])]) {
		const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', path], { encoding: 'utf8' });
		expect(stdout + stderr).toBe('');
		expect(status).toBe(0);
	}
});
