import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findConfig } from '../../src/config/find.ts';
import { cliFolder } from '../support/cli.ts';

test('the config file is that of the nearest folder, and there the first in the order of the extensions', async () => {
	const folder = cliFolder({
		'withdaemon.config.json': '{}',
		'a/withdaemon.config.js': '',
		'a/withdaemon.config.mts': '',
		'a/b/c/x': '',
	});
	expect(await findConfig(folder)).toBe(join(folder, 'withdaemon.config.json'));
	expect(await findConfig(join(folder, 'a', 'b', 'c'))).toBe(join(folder, 'a', 'withdaemon.config.mts'));
});

test('there may be none', async () => {
	expect(await findConfig(cliFolder())).toBeUndefined();
});
