import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listenTo } from '../../src/launch/launcher-channel.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';

/** The caller's end of the socket, and the launcher's. */
async function connected() {
	const path = join(temporaryFolder(), 'socket');
	const server = createServer().listen(path);
	await once(server, 'listening');
	const ours = connect(path);
	const [launcher] = (await once(server, 'connection')) as [Socket];
	onTestFinished(() => {
		for (const each of [ours, launcher]) each.destroy();
		server.close();
	});
	return { ours, launcher };
}

const listen = (ours: Socket) => listenTo(ours, error => ({ error, evidence: [] }));

/** What the caller hears, and the launcher's end of the socket. */
async function channel() {
	const { ours, launcher } = await connected();
	return { launcher, heard: listen(ours) };
}

test('a launcher that ends before it has a daemon is an error with its words', async () => {
	const { launcher, heard } = await channel();
	launcher.end('/bin/sh: 1: Cannot fork\n');
	await expect(heard.started).rejects.toThrow(/^the launcher ended before it could fork: \/bin\/sh: 1: Cannot fork$/);
});

test.each([
	'withdaemon:x: 9: eval: Cannot fork',
	'withdaemon:x: fork: retry: Resource temporarily unavailable',
	"sh: can't fork: Resource temporarily unavailable",
])('a launcher that cannot fork has met the same limit as a caller that cannot: %s', async words => {
	const { launcher, heard } = await channel();
	launcher.end(`${words}\n`);
	await expect(heard.started).rejects.toMatchObject({ code: 'EAGAIN' });
});

test('a launcher that was killed before anybody listened is an error, too', async () => {
	const { ours, launcher } = await connected();
	const closed = once(ours, 'close');
	launcher.destroy();
	await closed;
	await expect(listen(ours).started).rejects.toThrow(
		'the launcher ended before it could fork: it was killed, or its user has no process left, of those that `ulimit -u`',
	);
});

test('a launcher that reports an end without a start is an error, too', async () => {
	const { launcher, heard } = await channel();
	launcher.write('exit 2\n');
	await expect(heard.started).rejects.toThrow(/^the launcher ended before it could fork: exit 2$/);
});

test('a pid is believed once, and the status of the end is told', async () => {
	const { launcher, heard } = await channel();
	launcher.write('pid 12345\nexit 3\n');
	expect(await heard.started).toBe(12345);
	expect(await heard.exited.promise).toEqual({ code: 3, signal: null });
});
