/** Plans one start from the options: what is launched, which checks it must pass, and what the reaper has to know. */
import { resolve } from 'node:path';
import type { SharedPidFile } from '../bootstrap/channel.cjs';
import type { Attempt } from '../evidence/launch-failure.ts';
import { isJavaScript } from '../javascript/command.ts';
import { describeScript } from '../javascript/describe.ts';
import { toScript } from '../javascript/to-task.ts';
import { toArgv } from '../launch/command.ts';
import type { LaunchOptions } from '../launch/launch.ts';
import { fillIn } from '../launch/placeholders.ts';
import type { Log } from '../log/log.ts';
import type { ResolvedOptions } from '../options/options.ts';
import { PidFile } from '../pid-file/pid-file.ts';
import type { Check } from '../readiness/check.ts';
import { descriptorsIn } from '../readiness/to-probe.ts';
import type { RunRecord } from '../registry/fact.ts';
import type { Sockets } from '../sockets/sockets.ts';
import { MARKER_VARIABLE, makeMarker } from '../survivors/marker.ts';
import { type Filling, fillEnvironment, toFilling } from './filling.ts';
import { planProbes } from './plan-probes.ts';
import { planRecordedRequest } from './plan-shutdown.ts';
import type { Scope } from './scope.ts';

export interface StartPlan {
	readonly launch: LaunchOptions;
	/** The launch as messages describe it. */
	readonly attempt: Attempt;
	/** The daemon is ready when all of them have passed. They are made at the first call. */
	checks(): readonly Check[];
	/** The record that the reaper needs once the caller is dead. */
	record(): RunRecord;
}

/**
 * Call this when ports and sockets are known. `ports` maps placeholders, `port` and `ports.NAME`, to the daemon's
 * ports.
 */
export function planStart(
	options: ResolvedOptions,
	scope: Scope,
	ports: ReadonlyMap<string, number>,
	log: Log | undefined,
	sockets: Sockets,
	callersEnv: NodeJS.ProcessEnv,
): StartPlan {
	const { name, umask, noclose, stdin, logFile, killMode, shutdownTimeout } = options;
	const filling = toFilling(options, scope, ports, sockets.values);
	const { inherited } = sockets;
	const marker = makeMarker();
	const output = logFile === undefined ? 'null' : ({ file: logFile } as const);
	const { called, ...command } = planCommand(options, filling);
	const cwd = resolve(fillIn(options.cwd, filling));
	const env = fillEnvironment(options, scope, filling, callersEnv);
	let checks: readonly Check[] | undefined;
	const launch: LaunchOptions = {
		name,
		...command,
		cwd,
		env: { ...env, ...inherited.env, [MARKER_VARIABLE]: marker },
		marker,
		umask,
		output: noclose ? 'caller' : output,
		stdin,
		sockets: inherited.descriptors,
		notifyAt: descriptorsIn(options.ready)[0],
	};
	return {
		launch,
		attempt: { ...launch, called },
		checks: () => {
			const { notifications } = sockets.notify ?? {};
			checks ??= planProbes(options, scope, filling, { log, notifications, cwd, env });
			return checks;
		},
		record: () => {
			const request = planRecordedRequest(options, scope, filling);
			return { name, marker, killMode, shutdownTimeout, pidFile: filling.pidFile, request };
		},
	};
}

/** The command that is executed, and the JavaScript that runs before it or instead. */
function planCommand(
	options: ResolvedOptions,
	filling: Filling,
): Pick<LaunchOptions, 'argv' | 'script'> & Required<Pick<Attempt, 'called'>> {
	const { startupCommand, afterFork, beforeExec } = options;
	const context = { values: filling, pidFile: sharedPidFile(options, filling) };
	if (isJavaScript(startupCommand)) {
		const script = toScript({ afterFork, startupCommand }, context);
		return { argv: [], script, called: describeScript(startupCommand) };
	}
	const argv = toArgv(startupCommand, filling);
	if (!afterFork && !beforeExec) return { argv, called: undefined };
	return { argv, script: toScript({ afterFork, beforeExec }, context), called: undefined };
}

/** The PID file that a `Server` in the daemon's process shares with the caller. */
function sharedPidFile({ pidFile }: ResolvedOptions, { pidFile: path }: Filling): SharedPidFile {
	return { path, ...(pidFile instanceof PidFile ? { mode: pidFile.mode } : {}) };
}
