/** The entry `withdaemon/vitest`: what knows the running test, hooks and fixtures. */
export { type DaemonFixture, daemonFixture, type FixtureOptions } from './fixture.ts';
export { type UseDaemonOptions, useDaemon } from './use-daemon.ts';
export { startDaemon, withDaemon } from './with-daemon.ts';
