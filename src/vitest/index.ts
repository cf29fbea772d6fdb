/** The entry `withdaemon/vitest`: helpers that know the running test, hooks and fixtures of vitest. */
export type { UseDaemonOptions } from '../hooks/use-daemon.ts';
export { type DaemonFixture, daemonFixture, type FixtureOptions } from './fixture.ts';
export { useDaemon } from './use-daemon.ts';
export { startDaemon, withDaemon } from './with-daemon.ts';
export { startDaemons, withDaemons } from './with-daemons.ts';
