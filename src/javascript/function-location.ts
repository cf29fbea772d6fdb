/** Finds out where a function stands in its file, as V8 tells debuggers. */
import type { Debugger } from 'node:inspector';
import { createRequire, SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { DaemonFunction } from './command.ts';

export interface Location {
	readonly file: string;
	/** Converts a line and column of the function's text, counted from 1, to those of the file. */
	toFile(line: number, column: number): { readonly line: number; readonly column: number };
}

/** Undefined if the function is not from a file, or if this Node was built without the inspector. */
export function locate(fn: DaemonFunction): Location | undefined {
	const found = askInspector(fn);
	if (found === undefined) return undefined;
	const { script, start } = found;
	const file = script.url.startsWith('file:') ? fileURLToPath(script.url) : script.url;
	if (!file.startsWith('/')) return undefined;
	const map = readSourceMap(script.sourceMapURL);
	return {
		file,
		toFile(line, column) {
			const compiledLine = start.lineNumber + line - 1;
			const compiledColumn = column - 1 + (line === 1 ? (start.columnNumber ?? 0) : 0);
			const entry = map?.findEntry(compiledLine, compiledColumn);
			if (entry !== undefined && 'originalLine' in entry)
				return { line: entry.originalLine + 1, column: entry.originalColumn + 1 };
			return { line: compiledLine + 1, column: compiledColumn + 1 };
		},
	};
}

/**
 * Takes tens of ms the first time, as V8 lists every script. So it is only called for errors and for relative imports.
 */
function askInspector(fn: DaemonFunction) {
	const session = openSession();
	if (session === undefined) return undefined;
	const scripts = new Map<string, Debugger.ScriptParsedEventDataType>();
	let start: Debugger.Location | undefined;
	// The expression is evaluated in the main context, and vm contexts such as that of vitest's vmThreads share its
	// `process`.
	const key = `withdaemon:${Math.random()}`;
	Object.defineProperty(process, key, { value: fn, configurable: true });
	try {
		session.connect();
		session.on('Debugger.scriptParsed', ({ params }) => void scripts.set(params.scriptId, params));
		// Each answer comes before post() returns.
		session.post('Debugger.enable');
		session.post('Runtime.evaluate', { expression: `process[${JSON.stringify(key)}]` }, (_, found) => {
			const { objectId } = found?.result ?? {};
			if (objectId === undefined) return;
			session.post('Runtime.getProperties', { objectId, ownProperties: true }, (_, { internalProperties = [] }) => {
				start = internalProperties.find(({ name }) => name === '[[FunctionLocation]]')?.value?.value;
			});
		});
	} finally {
		Reflect.deleteProperty(process, key);
		session.disconnect();
	}
	const script = scripts.get(start?.scriptId ?? '');
	return script && start && { script, start };
}

function openSession() {
	try {
		const inspector: typeof import('node:inspector') = createRequire(import.meta.url)('node:inspector');
		return new inspector.Session();
	} catch {
		// ERR_INSPECTOR_NOT_AVAILABLE: Node can be built without it.
		return undefined;
	}
}

/** Only reads a source map that is in the file itself, as vite and tsx write it. */
function readSourceMap(url = ''): SourceMap | undefined {
	const data = /^data:application\/json[^,]*;base64,(.*)$/.exec(url)?.[1];
	return data === undefined ? undefined : new SourceMap(JSON.parse(Buffer.from(data, 'base64').toString()));
}
