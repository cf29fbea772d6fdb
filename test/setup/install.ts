/** Builds the library and installs it beside the packages that it needs, once for the whole run. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const packages = join(root, 'node_modules');

export interface Installed {
	/** The build as it is published. */
	readonly published: string;
	/** The installed one. */
	readonly build: string;
}

/** @param folder a new one, for `node_modules` and the build. @throws if the source has type errors. */
export function install(folder: string): Installed {
	const [published, modules] = [join(folder, 'published'), join(folder, 'node_modules')];
	const library = join(modules, 'withdaemon');
	const build = join(library, 'dist');
	for (const path of [published, library]) mkdirSync(path, { recursive: true });
	// The build has to remove it.
	writeFileSync(join(published, 'of-an-earlier-build.js'), '');
	copyFileSync(join(root, 'package.json'), join(library, 'package.json'));
	linkPackages(packages, modules);
	execFileSync(process.execPath, ['scripts/build.mjs', published], { cwd: root, stdio: 'inherit' });
	cpSync(published, build, { recursive: true });
	withoutMaps(build);
	return { published, build };
}

/**
 * For each frame of an error in the library, vitest reads the whole file with its map, which takes half of the time of
 * the suites that are meant to fail.
 */
function withoutMaps(build: string): void {
	for (const name of readdirSync(build, { recursive: true, encoding: 'utf8' }).filter(name => /\.c?js$/.test(name))) {
		const path = join(build, name);
		writeFileSync(path, readFileSync(path, 'utf8').replace(/^\/\/# sourceMappingURL=.*\n?/m, ''));
	}
}

/** Links the packages of one `node_modules` into another one; `without` names packages that are left out. */
export function linkPackages(from: string, modules: string, without: readonly string[] = []): void {
	const names = readdirSync(from).filter(name => !name.startsWith('.') && !without.includes(name));
	for (const name of names) symlinkSync(join(from, name), join(modules, name));
}
