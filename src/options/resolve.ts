/** Resolves options: checks them, applies defaults, and makes paths absolute. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isServer } from '../bootstrap/is-server.mjs';
import { InvalidOptionError, UnsupportedPlatformError } from '../errors.ts';
import { findKeepProblems } from '../kept-folder.ts';
import { silentLogger } from '../logger.ts';
import { whyBlind } from '../process/table.ts';
import { listWanted } from '../sockets/sockets.ts';
import { makeAbsolute } from './absolute.ts';
import { findFfiProblems } from './ffi-problems.ts';
import { findUnnamedPidFile } from './forking-problems.ts';
import { nameFor } from './name-for.ts';
import type { CoreOptions, DaemonOptions, ResolvedOptions, ServerDaemonOptions } from './options.ts';
import { findContradictions, findProblems, readGiven } from './validate.ts';

export const DEFAULT_TIMEOUT_MS = 30_000;

/** @throws {@link InvalidOptionError} that names every problem. */
export function resolveOptions(given: CoreOptions | ServerDaemonOptions, dir?: string): ResolvedOptions {
	assertSupported(given);
	assertNoProblems(given, findFfiProblems());
	const options = withServer(given);
	assertNoProblems(options, findProblems(options, 'Daemon'));
	assertNoProblems(options, findContradictions(options, placeholdersOf(options, dir)));
	return applyDefaults(makeAbsolute(options));
}

/**
 * Checks a helper's options before there is a temporary folder. Returns a function that resolves them when there is
 * one.
 *
 * @throws {@link InvalidOptionError} that names every problem.
 */
export function checkHelperOptions(all: DaemonOptions, taker: 'helper' | 'member' = 'helper'): HelperOptions {
	const options = readGiven(all, taker);
	assertSupported(options);
	assertNoProblems(options, findFfiProblems());
	assertNoProblems(options, findProblems(options, taker));
	if (options.keep === undefined) assertNoProblems(options, findKeepProblems());
	const given = makeAbsolute(options);
	const inFolder = (dir: string) => withServer(withHelperDefaults(given, dir));
	assertNoProblems(options, findUnnamedPidFile(options));
	const somewhere = inFolder('/');
	const hasOwnLog = options.logFile === undefined && somewhere.logFile !== undefined;
	assertNoProblems(somewhere, findContradictions(somewhere, placeholdersOf(somewhere, '/'), hasOwnLog));
	const cwd = somewhere.nochdir ? process.cwd() : undefined;
	return dir => {
		const given = inFolder(dir);
		const resolved = applyDefaults(given);
		return { given, resolved: cwd === undefined ? resolved : { ...resolved, cwd } };
	};
}

/** Makes the checked options of a helper's daemon, once its temporary folder is known. */
export type HelperOptions = (dir: string) => { readonly given: CoreOptions; readonly resolved: ResolvedOptions };

function applyDefaults(options: CoreOptions): ResolvedOptions {
	// The check above has made sure that one of the two is given.
	const startupCommand = options.startupCommand ?? options.server ?? '';
	const timeout = options.timeout ?? DEFAULT_TIMEOUT_MS;
	return {
		name: options.name,
		logger: options.logger ?? silentLogger,
		pidFile: options.pidFile,
		startupCommand,
		server: startupCommand,
		shutdownCommand: options.shutdownCommand,
		afterFork: options.afterFork,
		beforeExec: options.beforeExec,
		forking: options.forking ?? false,
		timeout,
		startupTimeout: options.startupTimeout ?? timeout,
		shutdownTimeout: options.shutdownTimeout ?? timeout,
		inactivityTimeout: options.inactivityTimeout,
		lookFor: options.lookFor,
		ready: options.ready,
		logFile: options.logFile,
		nochdir: options.nochdir ?? false,
		cwd: options.nochdir ? process.cwd() : toPath(options.cwd ?? '/'),
		noclose: options.noclose ?? false,
		stdin: options.stdin ?? 'null',
		env: options.env ?? {},
		port: options.port,
		ports: { ...options.ports },
		listen: options.listen,
		umask: options.umask,
		killMode: options.killMode ?? 'group',
		diagnosticSignal: options.diagnosticSignal,
		successExitCodes: options.successExitCodes,
		strict: options.strict ?? true,
	};
}

const toPath = (folder: string | URL) => (typeof folder === 'string' ? folder : fileURLToPath(folder));

function placeholdersOf({ logFile, port, ports = {}, listen }: CoreOptions, dir: string | undefined): string[] {
	const perhaps = Object.entries({ logFile, dir, port }).filter(([, value]) => value !== undefined);
	const sockets = listWanted(listen).flatMap(([name]) => [name, `${name}.fd`]);
	return ['pidFile', ...perhaps.map(([name]) => name), ...Object.keys(ports).map(name => `ports.${name}`), ...sockets];
}

/** A `Server` has a name, a logger and a PID file of its own. */
function withServer(options: CoreOptions | ServerDaemonOptions): CoreOptions {
	const server = options?.startupCommand ?? options?.server;
	if (!isServer(server)) return options as CoreOptions;
	const { name = server.name, logger = server.logger, pidFile = server.pidFile } = options;
	return { ...options, name, logger, pidFile };
}

/**
 * The defaults of the helpers: a name from the command, PID file and log in the temporary folder `dir`, the caller's
 * working directory, and SIGTERM.
 */
function withHelperDefaults(options: DaemonOptions, dir: string): CoreOptions {
	const { signal: _signal, keep: _keep, ...core } = options;
	const name = options.name ?? nameFor(options.startupCommand ?? options.server ?? '');
	const file = name.replaceAll(/[^\w.-]/g, '_').slice(0, LONGEST_FILE_NAME);
	// With noclose the output goes elsewhere, so there is only a log if the daemon writes the `logFile` itself.
	const logFile = options.logFile ?? (options.noclose ? undefined : join(dir, `${file}.log`));
	return {
		...core,
		name,
		pidFile: options.pidFile ?? join(dir, `${file}.pid`),
		nochdir: options.nochdir ?? options.cwd === undefined,
		shutdownCommand: options.shutdownCommand ?? 'SIGTERM',
		...(logFile ? { logFile } : {}),
	};
}

/** In bytes, so that there is room for an extension: most file systems allow 255 (limits.h(0p), NAME_MAX). */
const LONGEST_FILE_NAME = 200;

/** Checked before everything else, as nothing would work. */
function assertSupported(options: unknown): void {
	if (process.platform === 'win32') throw new UnsupportedPlatformError(nameIn(options), 'Windows');
	const reason = whyBlind();
	if (reason !== undefined)
		throw new UnsupportedPlatformError(nameIn(options), 'Linux', `withdaemon needs /proc, but ${reason}`);
}

function assertNoProblems(options: unknown, problems: readonly string[]): void {
	if (problems.length > 0) throw new InvalidOptionError(nameIn(options), problems);
}

function nameIn(options: unknown): string {
	const name = (options as { name?: unknown } | null)?.name;
	return typeof name === 'string' ? name : 'daemon';
}
