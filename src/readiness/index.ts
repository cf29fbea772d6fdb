/** What users can write into the option `ready`. */
export { type AliveOptions, alive } from './alive.ts';
export type { ProbeFunction, StartingDaemon } from './answered.ts';

export { any } from './any.ts';
export { type CommandProbeOptions, command } from './command.ts';
export type { ExpectedBody, ExpectedStatus, StatusRange } from './expected-answer.ts';
export { type FileExistsOptions, fileExists } from './file-exists.ts';
export { type HoldsOptions, holds } from './holds.ts';
export { type ListeningOptions, listening } from './listening.ts';

export { type LoggedOptions, logged } from './logged.ts';
export { not } from './not.ts';
export { type NotifiedOptions, notified } from './notified.ts';
export type { Probe } from './probe.ts';
export { type RespondsOptions, responds } from './responds.ts';
export { socketOpen } from './socket-open.ts';
export type { ProbeLike, Ready } from './to-probe.ts';
