/** Plans how a daemon is asked to end: by its caller, or by the reaper once the caller is dead. */
import { resolve } from 'node:path';
import { isServer } from '../bootstrap/is-server.mjs';
import { ShutdownCommandError } from '../errors.ts';
import { isJavaScript, moduleOf } from '../javascript/command.ts';
import { type Command, toArgv } from '../launch/command.ts';
import { fillIn, placeholdersIn } from '../launch/placeholders.ts';
import type { ResolvedOptions, StartupCommand } from '../options/options.ts';
import { asSignal } from '../process/signals.ts';
import type { RecordedRequest } from '../registry/fact.ts';
import type { Server } from '../server/server.ts';
import type { Request } from '../teardown/request.ts';
import { type Filling, fillAdded, fillEnvironment } from './filling.ts';
import type { Scope } from './scope.ts';

/** @throws {@link ShutdownCommandError} if it needs a port that only the process that started the daemon knows. */
export function planRequest(
	options: ResolvedOptions,
	scope: Scope,
	filling: Filling,
	daemon: { readonly pid: number },
): Request {
	const { shutdownCommand = 'SIGINT', killMode, cwd } = options;
	if (isServer(shutdownCommand)) return planServerRequest(options, shutdownCommand);
	if (typeof shutdownCommand === 'function') return { kind: 'function', call: () => shutdownCommand(daemon) };
	const signal = asSignal(shutdownCommand);
	if (signal !== undefined) return { kind: 'signal', signal, killMode };
	const argv = toArgv(shutdownCommand as Command, filling);
	const [unknown] = argv.flatMap(placeholdersIn);
	if (unknown !== undefined) throw unknownPlaceholder(options.name, unknown);
	const program = { argv, cwd: resolve(fillIn(cwd, filling)), env: fillEnvironment(options, scope, filling) };
	return { kind: 'program', program };
}

/** A function dies with its caller, so SIGTERM replaces it. Only the variables that the options add are recorded. */
export function planRecordedRequest(options: ResolvedOptions, scope: Scope, filling: Filling): RecordedRequest {
	const request = planRequest(options, scope, filling, { pid: 0 });
	if (request.kind === 'function') return { kind: 'signal', signal: 'SIGTERM' };
	if (request.kind === 'signal') return { kind: 'signal', signal: request.signal };
	const env = Object.fromEntries(fillAdded(options, scope, filling).map(([name, value]) => [name, value ?? null]));
	return { kind: 'program', argv: request.program.argv, cwd: request.program.cwd, env };
}

/** The daemon's own server is in another process, where SIGTERM calls its `shutdown`, or its `term` if it has one. */
function planServerRequest({ startupCommand, killMode }: ResolvedOptions, server: Server): Request {
	if (server === startupCommand || isExportOf(server, startupCommand))
		return { kind: 'signal', signal: 'SIGTERM', killMode };
	return { kind: 'function', call: () => server.shutdown() };
}

const isExportOf = ({ module }: Server, command: StartupCommand) =>
	module !== undefined && isJavaScript(command) && moduleOf(command) === module;

function unknownPlaceholder(name: string, placeholder: string): ShutdownCommandError {
	const what = `its shutdownCommand uses {${placeholder}}, which only the process that started it knows`;
	return new ShutdownCommandError(name, `${name} could not be asked to end: ${what}`);
}
