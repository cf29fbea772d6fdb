/** Lets support code know which test calls it. */
import { aroundEach } from 'vitest';
import { running } from '../support/this-test.ts';

// A pattern, as vitest reads from it that no fixture is needed.
aroundEach(async (run, { onTestFinished }) => await running.run({ onTestFinished }, run));
