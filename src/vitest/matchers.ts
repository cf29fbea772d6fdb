/** The entry `withdaemon/vitest/matchers`: registers matchers for daemons when it is imported. */
import { expect } from 'vitest';
import { hasExitedWith, hasLogged, isAlive, isGone } from '../hooks/expectations.ts';
import type { ExitStatus, Pattern } from '../index.ts';

expect.extend({
	toBeAlive: isAlive,
	toBeGone: isGone,
	toHaveLogged: hasLogged,
	toHaveExitedWith: hasExitedWith,
});

// The matchers of vitest have other type parameters in vitest 5 than before; but each has those of Chai, too.
declare global {
	namespace Chai {
		interface Assertion {
			/** Expects that the daemon runs. */
			toBeAlive(): void;
			/** Expects that the daemon has ended and that nothing is left of what it has started. */
			toBeGone(): void;
			/** Expects a line since this start that has the string or matches the RegExp. */
			toHaveLogged(pattern: Pattern): void;
			/**
			 * Expects that the daemon has ended with this exit code or by this signal. Await it, as well as `expectExit()`
			 * before it, if the daemon is meant to end.
			 */
			toHaveExitedWith(status: number | NodeJS.Signals | ExitStatus): Promise<void>;
		}
	}
}
