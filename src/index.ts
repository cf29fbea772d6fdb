/** The entry of the package: exports everything public, without logic. */
/// <reference types="node" preserve="true" />
export { Daemon } from './daemon.ts';
export type { EvidenceRow, ExitStatus } from './error-text.ts';
export * from './errors.ts';
export type { DaemonGroup, GroupMember, GroupOptions } from './group/member.ts';
export type { MemberChange, RunningGroup, RunningMember } from './group/running-member.ts';
export type { DaemonFunction, FunctionCommand, Hook, JavaScript, ModuleCommand } from './javascript/command.ts';
export type { Keep } from './kept-folder.ts';
export type { Command } from './launch/command.ts';
export type { DaemonState } from './lifecycle/state.ts';
export type { Captures, Pattern, TypedPattern } from './log/captures.ts';
export type { LogMatch } from './log/line-matcher.ts';
export type { Log, WaitForOptions } from './log/log.ts';
export type { Logger } from './logger.ts';
export type * from './options/options.ts';
export { type TimeLimits, timeLimits } from './options/time-limits.ts';
export { PidFile } from './pid-file/pid-file.ts';
export type { PidFileOptions } from './pid-file/settings.ts';
export type { WantedPort } from './ports/wanted.ts';
export * from './readiness/index.ts';
export type { ServerContext, ServerMethods, ServerOptions, ServerStatus } from './server/options.ts';
export { Server } from './server/server.ts';
export { type RunningDaemon, startDaemon } from './start-daemon.ts';
export { defineDaemons, startDaemons } from './start-daemons.ts';
export type { KillMode } from './teardown/signal-daemon.ts';
export { withDaemon } from './with-daemon.ts';
export { withDaemons } from './with-daemons.ts';
