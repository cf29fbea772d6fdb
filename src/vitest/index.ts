/** The entry `withdaemon/vitest`: hooks and fixtures. */
export { type DaemonFixture, daemonFixture, type FixtureOptions } from './fixture.ts';
export { type UseDaemonOptions, useDaemon } from './use-daemon.ts';
