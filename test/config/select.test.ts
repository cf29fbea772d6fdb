import { expect, test } from 'vitest';
import { selectMembers } from '../../src/config/select.ts';

const member = { startupCommand: 'x' };
const group = {
	db: member,
	migrate: { ...member, dependsOn: 'db' },
	api: { ...member, dependsOn: ['migrate'] },
	web: member,
};

test('a name selects a member and everything that it depends on', () => {
	expect(Object.keys(selectMembers(group, ['api']))).toEqual(['db', 'migrate', 'api']);
	expect(Object.keys(selectMembers(group, ['web', 'db']))).toEqual(['db', 'web']);
	expect(selectMembers(group, [])).toBe(group);
});

test('a name that no member has is refused with the nearest one', () => {
	expect(() => selectMembers(group, ['migrat'])).toThrow('No service is called migrat. Did you mean migrate?');
	expect(() => selectMembers(group, ['postgres'])).toThrow('Services: db, migrate, api, web.');
});
