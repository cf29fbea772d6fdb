/** Turns JavaScript that was given as an option into what a launch needs: Node, the bootstrap, and its task. */
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Call, SharedPidFile, Task } from '../bootstrap/channel.cjs';
import { isServer } from '../bootstrap/is-server.mjs';
import { v8 } from '../builtins.ts';
import type { Script } from '../launch/launch.ts';
import { fillIn, type PlaceholderValues } from '../launch/placeholders.ts';
import { findWorkingFolder } from '../os/working-folder.ts';
import { argumentsOf, functionOf, type JavaScript, moduleOf, modulesOf } from './command.ts';
import { mapTexts } from './fill-arguments.ts';
import { locate } from './function-location.ts';
import { importsFromFile } from './function-source.ts';
import { explainUncaught, type NamedFunction } from './remap-stack.ts';
import { argumentsFor } from './typescript.ts';

/**
 * The JavaScript that runs in the daemon's process, by the names of the options. Without `startupCommand` the process
 * becomes the command.
 */
export interface Scripts {
	readonly afterFork?: JavaScript | undefined;
	readonly beforeExec?: JavaScript | undefined;
	readonly startupCommand?: JavaScript | undefined;
}

/** The facts about its daemon that a script gets. */
export interface ScriptContext {
	readonly values: PlaceholderValues;
	readonly pidFile: SharedPidFile;
}

const ENTRY = join(fileURLToPath(import.meta.url), '../../bootstrap/main.cjs');

export function toScript(scripts: Scripts, context: ScriptContext): Script {
	const given = Object.entries(scripts).filter((entry): entry is [string, JavaScript] => entry[1] !== undefined);
	const modules = given.flatMap(([, script]) => modulesOf(script));
	const functions = given.map(([option, script]) => nameFunction(option, script)).filter(named => named !== undefined);
	const toCall = (option: keyof Scripts) => {
		const script = scripts[option];
		return script && callOf(script, functions.find(named => named.option === option)?.file, context);
	};
	return {
		argv: [process.execPath, ...argumentsFor(modules), ENTRY],
		files: given.map(([, script]) => moduleOf(script)).filter(module => module !== undefined),
		task(command) {
			const [afterFork, beforeExec] = [toCall('afterFork'), toCall('beforeExec')];
			const task: Task = { afterFork, beforeExec, start: toCall('startupCommand') ?? command };
			return `${JSON.stringify(task)}\n`;
		},
		explain: error => explainUncaught(error, functions),
	};
}

/** The file name of a function in stacks: it does not exist, and its folder is the one that imports are relative to. */
function nameFunction(option: string, script: JavaScript): NamedFunction | undefined {
	const fn = functionOf(script);
	if (fn === undefined) return undefined;
	const folder = findWorkingFolder() ?? '/';
	const base = importsFromFile(String(fn)) ? dirname(locate(fn)?.file ?? folder) : folder;
	return { option, fn, file: join(base, `[${option}]`) };
}

function callOf(script: JavaScript, file: string | undefined, { values, pidFile }: ScriptContext): Call {
	// A function is in no module, and nothing reads this for it.
	const module = pathToFileURL(moduleOf(script) ?? '/').href;
	if (isServer(script)) return { kind: 'server', module, name: script.name, pidFile };
	const args = encode(argumentsOf(script).map(argument => mapTexts(argument, text => fillIn(text, values))));
	if (file !== undefined) return { kind: 'function', source: String(functionOf(script)), file, args };
	const name = ('export' in script ? script.export : undefined) ?? 'default';
	return { kind: 'export', module, name, args, pidFile };
}

function encode(args: readonly unknown[]): string {
	return args.length === 0 ? '' : v8().serialize(args).toString('base64');
}
