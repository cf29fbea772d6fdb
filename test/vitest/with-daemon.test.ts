import { expect, test } from 'vitest';
import { startDaemon, withDaemon } from '../../src/vitest/index.ts';
import { fixture } from '../support/fixtures.ts';

const options = { startupCommand: [fixture('is-ready.sh')], lookFor: 'ready' };

test('a `shutdownTimeout` within the time of the test is kept, and a longer one is shortened', {
	timeout: 100_000,
}, async () => {
	const brief = await withDaemon({ ...options, shutdownTimeout: 1234 }, daemon => daemon);
	expect(brief.shutdownTimeout).toBe(1234);
	const long = await withDaemon({ ...options, shutdownTimeout: 600_000 }, daemon => daemon);
	expect(long.shutdownTimeout).toBeLessThan(100_000);
	const disposed = await startDaemon({ ...options, shutdownTimeout: 1234 });
	await disposed[Symbol.asyncDispose]();
	expect(disposed.shutdownTimeout).toBe(1234);
});
