/** Projects of users: folders with their own modules, in which the build of this run is installed. */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { linkPackages } from '../setup/install.ts';
import { temporaryFolder } from './fixtures.ts';
import { environmentForThreads } from './way-to-libc.ts';

/** The `node_modules` in which this run has installed its build. */
const installed = join(String(process.env['WITHDAEMON_TEST_BUILD']), '..', '..');

/** A new project with these files; `without` names packages that its user has not installed. */
export function project(files: Readonly<Record<string, string>>, without: readonly string[] = []): string {
	const folder = temporaryFolder();
	const modules = join(folder, 'node_modules');
	if (without.length === 0) symlinkSync(installed, modules);
	else installWithout(without, modules);
	writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
	for (const [name, content] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, name)), { recursive: true });
		writeFileSync(join(folder, name), content);
	}
	return folder;
}

/** The library is copied, because through a link Node would look for its dependencies beside the target. */
function installWithout(without: readonly string[], modules: string): void {
	mkdirSync(modules);
	cpSync(join(installed, 'withdaemon'), join(modules, 'withdaemon'), { recursive: true });
	linkPackages(installed, modules, [...without, 'withdaemon']);
}

/** The samples of a guide in `docs/`, by the names of their files, for a project that `npm init` has made. */
export function samplesOf(guide: string): Record<string, string> {
	const text = readFileSync(fileURLToPath(new URL(`../../docs/${guide}`, import.meta.url)), 'utf8');
	const blocks = [...text.matchAll(/^```[jt]s (\S+)\n([\s\S]*?)^```$/gm)];
	const samples = Object.fromEntries(blocks.map(([, name = '', code = '']) => [name, code]));
	return { 'package.json': '{ "type": "commonjs" }\n', ...samples };
}

/** Runs vitest in a project, as its user would, and returns its exit code and its whole output. */
export async function runVitest(
	folder: string,
	...args: readonly string[]
): Promise<{ status: number | undefined; output: string }> {
	const { exitCode, all } = await startVitest(folder, ['run', ...args], { NO_COLOR: '1' });
	return { status: exitCode, output: all };
}

/** Starts vitest in watch mode in a project. It leaves a folder of its own in `temporary`. */
export function beginWatching(folder: string, temporary: string): ReturnType<typeof startVitest> {
	return startVitest(folder, ['--watch'], { TMPDIR: temporary, CI: undefined });
}

/** Starts vitest in a project; its output is that of stdout and stderr. */
export function startVitest(folder: string, args: readonly string[], env: NodeJS.ProcessEnv) {
	// vitest marks its workers by such variables.
	const inherited = Object.entries(environmentForThreads()).filter(([name]) => !/^VITEST/.test(name));
	const vitest = join(folder, 'node_modules', 'vitest', 'vitest.mjs');
	return execa(process.execPath, [vitest, ...args, '--root', folder], {
		cwd: folder,
		env: { ...Object.fromEntries(inherited), ...env },
		extendEnv: false,
		reject: false,
		all: true,
	});
}
