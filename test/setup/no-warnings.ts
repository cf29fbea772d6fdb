/** A Node warning fails the file: a listener or a handle that adds up is a leak that nobody has noticed yet. */
import { afterAll, expect } from 'vitest';

const warnings: Error[] = [];
process.on('warning', warning => {
	if (warning.name !== 'ExperimentalWarning') warnings.push(warning);
});

/** For a test that provokes one: hands over what was seen so far. */
export const takeWarnings = (): Error[] => warnings.splice(0);

afterAll(() => expect(warnings).toEqual([]));
