/** From the options to what the acts below need: how to launch, when it is ready, how to ask it to end. */
import { resolve } from 'node:path';
import type { PidFilePlace } from '../bootstrap/channel.cjs';
import { isServer } from '../bootstrap/is-server.mjs';
import { type EvidenceRow, ShutdownCommandError } from '../errors.ts';
import { isJavaScript, moduleOf } from '../javascript/command.ts';
import { describeScript } from '../javascript/describe.ts';
import { toScript } from '../javascript/to-task.ts';
import { type Command, toArgv } from '../launch/command.ts';
import type { LaunchOptions } from '../launch/launch.ts';
import { fillIn, type PlaceholderValues, placeholdersIn } from '../launch/placeholders.ts';
import type { Log } from '../log/log.ts';
import { asSignal, type ResolvedOptions, type StartupCommand } from '../options/options.ts';
import { PidFile } from '../pid-file/pid-file.ts';
import { alive } from '../readiness/alive.ts';
import { logChanged } from '../readiness/log-changed.ts';
import { logged } from '../readiness/logged.ts';
import type { Probe } from '../readiness/probe.ts';
import type { Entry } from '../registry/entry.ts';
import type { LifeRecord, RecordedRequest } from '../registry/fact.ts';
import type { Server } from '../server/server.ts';
import { MARKER_VARIABLE, makeMarker } from '../survivors/marker.ts';
import type { Request } from '../teardown/request.ts';

/** What a helper adds to the options of a daemon. */
export interface Scope {
	/** The temporary folder. */
	readonly dir?: string;
	/** The log in it that nobody has asked for: a change of it says nothing, as nobody said that the daemon writes there. */
	readonly ownLog?: string | undefined;
	/** The ports that the daemon has, by their placeholders: `port`, `ports.NAME`. */
	readonly ports?: ReadonlyMap<string, number>;
	/** Its abort ends a start. */
	readonly signal?: AbortSignal | undefined;
	/** Where is noted what has to be cleaned up if the caller dies. Absent: the daemon may outlive it. */
	readonly entry?: Entry;
	/** What came before the first start, and counts as a part of it. */
	readonly preparation?: Preparation;
}

export interface Preparation {
	/** When it began, in ms of `now()`. */
	readonly since: number;
	/** What took its time. */
	readonly evidence: readonly EvidenceRow[];
}

export interface LaunchPlan extends LaunchOptions {
	/** For messages: what is called where there is no command. */
	readonly called?: string;
}

export function planLaunch(options: ResolvedOptions, scope: Scope): LaunchPlan {
	const { name, cwd, umask, noclose, stdin, logFile } = options;
	const values = placeholderValues(options, scope);
	const marker = makeMarker();
	const output = logFile === undefined ? 'null' : ({ file: logFile } as const);
	return {
		name,
		...planStart(options, values),
		cwd: resolve(fillIn(cwd, values)),
		env: { ...planEnvironment(options, values), [MARKER_VARIABLE]: marker },
		marker,
		umask,
		output: noclose ? 'caller' : output,
		stdin,
	};
}

/** What is executed, and what is called in the process before or instead. */
function planStart(
	options: ResolvedOptions,
	values: PlaceholderValues,
): Pick<LaunchPlan, 'argv' | 'script' | 'called'> {
	const { startupCommand, afterFork, beforeExec } = options;
	const place = { values, pidFile: placeOf(options, values) };
	if (isJavaScript(startupCommand)) {
		const script = toScript({ afterFork, startupCommand }, place);
		return { argv: [], script, called: describeScript(startupCommand) };
	}
	const argv = toArgv(startupCommand, values);
	return afterFork || beforeExec ? { argv, script: toScript({ afterFork, beforeExec }, place) } : { argv };
}

/** The seed's three rules, in its order. */
export function planProbe({ lookFor }: ResolvedOptions, log: Log | undefined, { ownLog }: Scope): Probe {
	if (log !== undefined && lookFor !== undefined) return logged(log, lookFor);
	return log === undefined || log.path === ownLog ? alive() : logChanged(log);
}

export function planRequest(options: ResolvedOptions, scope: Scope, daemon: { readonly pid: number }): Request {
	const { shutdownCommand = 'SIGINT', killMode, cwd } = options;
	if (isServer(shutdownCommand)) return planServerRequest(options, shutdownCommand);
	if (typeof shutdownCommand === 'function') return { kind: 'function', call: () => shutdownCommand(daemon) };
	const signal = asSignal(shutdownCommand);
	if (signal !== undefined) return { kind: 'signal', signal, killMode };
	const values = placeholderValues(options, scope);
	const argv = toArgv(shutdownCommand as Command, values);
	return {
		kind: 'program',
		program: { argv, cwd: resolve(fillIn(cwd, values)), env: planEnvironment(options, values) },
	};
}

/** @throws {@link ShutdownCommandError} for a port that somebody else was handed, and with it started the daemon. */
export function assertFilledIn(name: string, request: Request): void {
	const [unknown] = request.kind === 'program' ? request.program.argv.flatMap(placeholdersIn) : [];
	if (unknown === undefined) return;
	const what = `only who has started it knows the {${unknown}} that its shutdownCommand needs`;
	throw new ShutdownCommandError(name, `${name} could not be asked to end: ${what}`);
}

/** What who cleans up after a dead caller has to know. */
export function planRecord(options: ResolvedOptions, scope: Scope, marker: string): LifeRecord {
	const { name, killMode, shutdownTimeout } = options;
	const { pidFile } = placeholderValues(options, scope);
	return { name, marker, killMode, shutdownTimeout, pidFile, request: planRecordedRequest(options, scope) };
}

/** A function died with its caller: what is left is the helpers' default. Of the environment only what is not the caller's. */
function planRecordedRequest(options: ResolvedOptions, scope: Scope): RecordedRequest {
	const request = planRequest(options, scope, { pid: 0 });
	if (request.kind === 'function') return { kind: 'signal', signal: 'SIGTERM' };
	if (request.kind === 'signal') return { kind: 'signal', signal: request.signal };
	const added = addedEnvironment(options, placeholderValues(options, scope));
	const env = Object.fromEntries(added.map(([name, value]) => [name, value ?? null]));
	return { kind: 'program', argv: request.program.argv, cwd: request.program.cwd, env };
}

/** The daemon's own server is in another process: there SIGTERM is its `shutdown`, unless it has a `term` of its own. */
function planServerRequest({ startupCommand, killMode }: ResolvedOptions, server: Server): Request {
	if (server === startupCommand || isExportOf(server, startupCommand))
		return { kind: 'signal', signal: 'SIGTERM', killMode };
	return { kind: 'function', call: () => server.shutdown() };
}

const isExportOf = ({ module }: Server, command: StartupCommand) =>
	module !== undefined && isJavaScript(command) && moduleOf(command) === module;

/** The PID file that a `Server` in the daemon's process shares with the caller. */
function placeOf({ pidFile }: ResolvedOptions, { pidFile: path = '' }: PlaceholderValues): PidFilePlace {
	return { path, ...(pidFile instanceof PidFile ? { mode: pidFile.mode } : {}) };
}

function placeholderValues({ pidFile, logFile }: ResolvedOptions, { dir, ports = new Map() }: Scope) {
	const path = resolve(typeof pidFile === 'string' ? pidFile : pidFile.filename);
	const numbers = Object.fromEntries([...ports].map(([name, port]) => [name, String(port)]));
	return { ...numbers, pidFile: path, logFile, dir } satisfies PlaceholderValues;
}

function planEnvironment(options: ResolvedOptions, values: PlaceholderValues): NodeJS.ProcessEnv {
	return { ...process.env, ...Object.fromEntries(addedEnvironment(options, values)) };
}

type Variable = readonly [name: string, value: string | undefined];

function addedEnvironment({ env }: ResolvedOptions, values: PlaceholderValues): Variable[] {
	return Object.entries(env).map(([name, value]) => [
		name,
		value === undefined ? value : fillIn(String(value), values),
	]);
}
