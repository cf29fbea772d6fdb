/** TypeScript: run by Node where it can, else by tsx where the user has it. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What Node has to be told to run these modules. */
export function argumentsFor(modules: readonly string[]): string[] {
	const [first] = modules.filter(needsTsx);
	// That of the caller, if it strips types because it was told to.
	const flags = process.execArgv.filter(flag => /^--experimental-(?:strip|transform)-types$/.test(flag));
	return first === undefined ? flags : [`--import=${pathToFileURL(findTsx(first) ?? 'tsx').href}`];
}

/** Why Node cannot run this module; undefined if it can. */
export function whyNotRunnable(module: string): string | undefined {
	if (!needsTsx(module) || findTsx(module) !== undefined) return undefined;
	const what = /x$/.test(module) ? 'no Node runs TSX' : `Node ${process.versions.node} does not run it`;
	return `${what}, and tsx is not installed: install tsx${/x$/.test(module) ? '' : ', or use Node 22.18 or newer'}`;
}

function needsTsx(module: string): boolean {
	if (/\.tsx$/.test(module)) return true;
	// Since Node 22.10; false there until 22.18 strips types unasked.
	const strips = 'typescript' in process.features && process.features.typescript;
	return /\.[cm]?ts$/.test(module) && !strips;
}

/** The user's, from where the module is, else from the caller's folder. */
function findTsx(module: string): string | undefined {
	for (const place of [module, join(process.cwd(), 'x')])
		try {
			return createRequire(place).resolve('tsx');
		} catch {
			// MODULE_NOT_FOUND: not from here.
		}
	return undefined;
}
