/** What the commands do. All of it is loaded when one of them runs: a file costs more to find than this much code. */
export { clean } from './clean.ts';
export { doctor } from './doctor.ts';
export { listServices } from './list-services.ts';
export { logs } from './logs.ts';
export { ps } from './ps.ts';
export { restart } from './restart.ts';
export { run } from './run.ts';
export { start } from './start.ts';
export { status } from './status.ts';
export { stop } from './stop.ts';
export { wait } from './wait.ts';
