/** TypeScript: Node runs it if it can, otherwise the user's tsx does. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findWorkingFolder } from '../os/working-folder.ts';

/** The arguments that Node needs to run these modules. */
export function argumentsFor(modules: readonly string[]): string[] {
	const [first] = modules.filter(needsTsx);
	// The caller's own flag, if it strips types because of one.
	const flags = process.execArgv.filter(flag => /^--experimental-(?:strip|transform)-types$/.test(flag));
	return first === undefined ? flags : [`--import=${pathToFileURL(findTsx(first) ?? 'tsx').href}`];
}

/** Why Node cannot run this module; undefined if it can. */
export function whyNotRunnable(module: string): string | undefined {
	if (!needsTsx(module) || findTsx(module) !== undefined) return undefined;
	const what = /x$/.test(module) ? 'no Node runs TSX' : `Node ${process.versions.node} does not run it`;
	return `${what}, and tsx is not installed: install tsx${/x$/.test(module) ? '' : ', or use Node 22.18 or newer'}`;
}

/**
 * Imports a module into this process, with the user's tsx if Node needs it for that.
 *
 * @param module the file of the URL, for which {@link whyNotRunnable} has found no reason.
 */
export async function importTypeScript(url: string, module: string): Promise<unknown> {
	// This is what `--import=tsx` does: from here on tsx transforms what this process imports.
	const tsx = needsTsx(module) ? findTsx(module) : undefined;
	if (tsx !== undefined) await import(pathToFileURL(tsx).href);
	return await import(url);
}

function needsTsx(module: string): boolean {
	if (/\.tsx$/.test(module)) return true;
	// The property exists since Node 22.10; since 22.18 types are stripped by default.
	const strips = 'typescript' in process.features && process.features.typescript;
	return /\.[cm]?ts$/.test(module) && !strips;
}

/** Looks for the user's tsx from the module's folder, then from the caller's. */
function findTsx(module: string): string | undefined {
	for (const place of [module, join(findWorkingFolder() ?? dirname(module), 'x')])
		try {
			return createRequire(place).resolve('tsx');
		} catch {
			// MODULE_NOT_FOUND: it is not installed here.
		}
	return undefined;
}
