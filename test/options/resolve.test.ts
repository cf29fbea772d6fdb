import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { withDaemon } from '../../src/index.ts';
import { fixture } from '../support/fixtures.ts';

test('a name that is longer than the name of a file may be is shortened for the files', async () => {
	const name = 'x'.repeat(300);
	await withDaemon({ startupCommand: [fixture('well-behaved.mjs')], lookFor: 'listening', name }, daemon => {
		expect(daemon.name).toBe(name);
		expect([daemon.pidFile, daemon.logFile ?? ''].map(file => basename(String(file)))).toEqual([
			expect.stringMatching(/^x{200}\.pid$/),
			expect.stringMatching(/^x{200}\.log$/),
		]);
	});
});

test('an option that only a prototype has counts with a helper, too', async () => {
	const options = { startupCommand: [fixture('well-behaved.mjs')], lookFor: 'listening' };
	await withDaemon(Object.create(options), daemon => expect(daemon.name).toBe('well-behaved.mjs'));
});
