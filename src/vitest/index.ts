/** The entry `withdaemon/vitest`: hooks and fixtures. */
export { daemonFixture, type FixtureOptions } from './fixture.ts';
export { type UseDaemonOptions, useDaemon } from './use-daemon.ts';
