/** Lets support code know which test calls it. */
import { aroundEach } from 'vitest';
import { running } from '../support/this-test.ts';

aroundEach(async (run, context) => await running.run(context, run));
