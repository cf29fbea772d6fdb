/** Projects of users: folders with their own modules, in which the build of this run is installed. */
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { temporaryFolder } from './fixtures.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A new project with these files; `without` names packages that its user has not installed. */
export function project(files: Readonly<Record<string, string>>, without: readonly string[] = []): string {
	const folder = temporaryFolder();
	const modules = join(folder, 'node_modules');
	mkdirSync(join(modules, 'withdaemon'), { recursive: true });
	writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
	cpSync(join(root, 'package.json'), join(modules, 'withdaemon', 'package.json'));
	// A copy, because through a link Node would look for dependencies beside its target.
	cpSync(String(process.env['WITHDAEMON_TEST_BUILD']), join(modules, 'withdaemon', 'dist'), { recursive: true });
	const installed = readdirSync(join(root, 'node_modules')).filter(name => !name.startsWith('.'));
	for (const name of installed.filter(name => !without.includes(name)))
		symlinkSync(join(root, 'node_modules', name), join(modules, name));
	for (const [name, content] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, name)), { recursive: true });
		writeFileSync(join(folder, name), content);
	}
	return folder;
}

/** Runs vitest in a project, as its user would, and returns its exit code and its whole output. */
export async function runVitest(
	folder: string,
	...args: readonly string[]
): Promise<{ status: number | undefined; output: string }> {
	// vitest marks its workers by such variables.
	const inherited = Object.entries(process.env).filter(([name]) => !/^VITEST/.test(name));
	const vitest = join(folder, 'node_modules', 'vitest', 'vitest.mjs');
	const { exitCode, all } = await execa(process.execPath, [vitest, 'run', '--root', folder, ...args], {
		cwd: folder,
		env: { ...Object.fromEntries(inherited), NO_COLOR: '1' },
		extendEnv: false,
		reject: false,
		all: true,
	});
	return { status: exitCode, output: all };
}
