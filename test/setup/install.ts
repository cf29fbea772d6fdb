/** Builds the library and installs it beside the packages that it needs, once for the whole run. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const packages = join(root, 'node_modules');

/** @param modules the new `node_modules`. @returns the folder of the build. @throws if the source has type errors. */
export function install(modules: string): string {
	const library = join(modules, 'withdaemon');
	const build = join(library, 'dist');
	mkdirSync(build, { recursive: true });
	// The build has to remove it.
	writeFileSync(join(build, 'of-an-earlier-build.js'), '');
	copyFileSync(join(root, 'package.json'), join(library, 'package.json'));
	linkPackages(packages, modules);
	execFileSync(process.execPath, ['scripts/build.mjs', build], { cwd: root, stdio: 'inherit' });
	return build;
}

/** Links the packages of one `node_modules` into another one; `without` names packages that are left out. */
export function linkPackages(from: string, modules: string, without: readonly string[] = []): void {
	const names = readdirSync(from).filter(name => !name.startsWith('.') && !without.includes(name));
	for (const name of names) symlinkSync(join(from, name), join(modules, name));
}
