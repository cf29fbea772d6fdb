/** `withdaemon run`: services, then CMD, then nothing. */
import { expect, test } from 'vitest';
import { cliFolder, runCli } from '../support/cli.ts';
import { watchTraces } from '../support/traces.ts';

test('runs CMD while the services are ready, exits as it did, and leaves nothing', async () => {
	const traces = watchTraces();
	const folder = cliFolder({
		'withdaemon.config.json': { db: { startupCommand: 'sleep 1000', exports: { DB: 'at {pidFile}' } } },
	});
	const result = await runCli(folder, ['run', '--', 'sh', '-c', 'kill -0 $(cat ${DB#at }) && exit 7']);
	expect(result).toMatchObject({ code: 7, errors: '' });
	expect(traces.left().filter(path => !path.startsWith(folder))).toEqual([]);
});
