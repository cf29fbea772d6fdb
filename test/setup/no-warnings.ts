/** A Node warning fails the file: listeners or handles that add up are a leak. */
import { afterAll, expect } from 'vitest';

const warnings: Error[] = [];
const note = (warning: Error) => {
	if (warning.name !== 'ExperimentalWarning') warnings.push(warning);
};
process.on('warning', note);

/** For a test that provokes a warning: returns the warnings so far and forgets them. */
export const takeWarnings = (): Error[] => warnings.splice(0);

afterAll(() => {
	// The next file of this worker has its own.
	process.off('warning', note);
	expect(warnings).toEqual([]);
});
