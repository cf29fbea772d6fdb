/** What users can write into the option `ready`. */
export { type AliveOptions, alive } from './alive.ts';
export type { ProbeFunction, StartingDaemon } from './answered.ts';
export { type LoggedOptions, logged } from './logged.ts';
export type { Probe } from './probe.ts';
export type { ProbeLike, Ready } from './to-probe.ts';
