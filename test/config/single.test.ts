import { expect, test } from 'vitest';
import { groupOfOne } from '../../src/config/single.ts';

const nameOf = (command: string, options: object = {}) => Object.keys(groupOfOne(command, { ...options }));

test('a single service has the name that the helpers would give its daemon, and no other one', () => {
	expect(nameOf('node server.mjs')).toEqual(['server.mjs']);
	expect(groupOfOne('node server.mjs', {})).toEqual({ 'server.mjs': { startupCommand: 'node server.mjs' } });
	expect(nameOf('x', { name: 'my-db' })).toEqual(['my-db']);
});

test('an empty name is refused', () => {
	expect(() => nameOf('x', { name: ' ' })).toThrow('The name of a member has to be letters');
});

test.each([
	['web server', 'web_server'],
	['../x', '_../x'],
	['-v', '_-v'],
	['7zip\n', '_7zip'],
	['größe', 'gr__e'],
])('%j becomes a name that can be a variable of a shell and a word of a command', (given, name) => {
	expect(nameOf('x', { name: given })).toEqual([name.replaceAll('/', '_')]);
});
