import { expect, test } from 'vitest';
import { nearestName } from '../src/nearest-name.ts';

test.each([
	['bd', 'db'],
	['dbs', 'db'],
	['migrat', 'migrate'],
	['postgers', 'postgres'],
	['postgresql-15', 'postgres'],
])('%s is near %s', (name, nearest) => {
	expect(nearestName(name, ['db', 'migrate', 'postgres'])).toBe(nearest);
});

test.each(['up', 'web', 'x', 'data', 'migration-of-users', ''])('nothing is near %j', name => {
	expect(nearestName(name, ['db', 'migrate', 'postgres'])).toBeUndefined();
});
