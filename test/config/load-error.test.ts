import { expect, test } from 'vitest';
import { describeLoadError } from '../../src/config/load-error.ts';

test('an error is shown with each line of the user that led to it, and with none of what has loaded the config file', () => {
	const own = [
		'Error: no database',
		'    at connect (file:///project/database.mjs:4:9)',
		'    at toMember (file:///project/withdaemon.config.mjs:2:5)',
		'    at file:///project/withdaemon.config.mjs:7:1',
	];
	const before = [
		'    at ModuleJob.run (node:internal/modules/esm/module_job:343:25)',
		'    at async file:///project/scripts/load.mjs:3:1',
	];
	const error = Object.assign(new Error('no database'), { stack: [...own, ...before].join('\n') });
	expect(describeLoadError(error, '/project/withdaemon.config.mjs')).toBe(own.join('\n'));
});
