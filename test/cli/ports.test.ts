import { expect, test } from 'vitest';
import { portVariables } from '../../src/cli/ports.ts';

test('the ports of a service become variables that a shell knows', () => {
	expect(portVariables('my-db', { port: 1, admin: 2 })).toEqual({ MY_DB_PORT: '1', MY_DB_ADMIN_PORT: '2' });
	expect(portVariables('server.mjs', { port: 1 })).toEqual({ SERVER_MJS_PORT: '1' });
});
