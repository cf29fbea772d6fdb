/** A Node warning fails the file: listeners or handles that add up are a leak. */
import { afterAll, expect } from 'vitest';

const warnings: Error[] = [];
process.on('warning', warning => {
	if (warning.name !== 'ExperimentalWarning') warnings.push(warning);
});

/** For a test that provokes a warning: returns the warnings so far and forgets them. */
export const takeWarnings = (): Error[] => warnings.splice(0);

afterAll(() => expect(warnings).toEqual([]));
