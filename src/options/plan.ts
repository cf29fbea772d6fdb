/** From the options to what the acts below need: how to launch, when it is ready, how to ask it to end. */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { type Command, toArgv } from '../launch/command.ts';
import { MARKER } from '../launch/environment.ts';
import type { LaunchOptions } from '../launch/launch.ts';
import { fillIn, type PlaceholderValues } from '../launch/placeholders.ts';
import type { Log } from '../log/log.ts';
import { alive } from '../readiness/alive.ts';
import { logChanged } from '../readiness/log-changed.ts';
import { logged } from '../readiness/logged.ts';
import type { Probe } from '../readiness/probe.ts';
import type { Request } from '../teardown/ask.ts';
import { asSignal, type ResolvedOptions } from './options.ts';

/** What a helper adds to the options of a daemon. */
export interface Scope {
	/** The temporary folder. */
	readonly dir?: string;
	/** Whether the log is in it: then a change of it says nothing, as nobody said that the daemon writes there. */
	readonly ownsLog?: boolean;
}

export function planLaunch(options: ResolvedOptions, scope: Scope): LaunchOptions {
	const { name, startupCommand, cwd, umask, noclose, logFile } = options;
	const values = placeholderValues(options, scope);
	const output = logFile === undefined ? 'null' : ({ file: logFile } as const);
	return {
		name,
		argv: toArgv(startupCommand, values),
		cwd: resolve(fillIn(cwd, values)),
		env: { ...planEnvironment(options, values), [MARKER]: randomBytes(8).toString('hex') },
		umask,
		output: noclose ? 'caller' : output,
	};
}

/** The seed's three rules, in its order. */
export function planProbe({ lookFor }: ResolvedOptions, log: Log | undefined, { ownsLog }: Scope): Probe {
	if (log !== undefined && lookFor !== undefined) return logged(log, lookFor);
	return log === undefined || ownsLog ? alive() : logChanged(log);
}

export function planRequest(options: ResolvedOptions, scope: Scope, daemon: { readonly pid: number }): Request {
	const { shutdownCommand = 'SIGINT', killMode, cwd } = options;
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

function placeholderValues({ pidFile, logFile }: ResolvedOptions, { dir }: Scope): PlaceholderValues {
	return { pidFile: typeof pidFile === 'string' ? pidFile : pidFile.filename, logFile, dir };
}

function planEnvironment({ env }: ResolvedOptions, values: PlaceholderValues): NodeJS.ProcessEnv {
	const own = Object.entries(env).map(([name, value]) => [name, value && fillIn(value, values)]);
	return { ...process.env, ...Object.fromEntries(own) };
}
