/** Sockets that the daemon inherits, and what can go wrong with them. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, lstatSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, type NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { LeakError, type StartupError, startDaemon, withDaemon } from '../../src/index.ts';
import { expectNothingLeft, familyOf, killCaller, type Said, startCaller } from '../support/doomed-callers.ts';
import { firstWords } from '../support/first-words.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';
import { onTestFinished } from '../support/this-test.ts';

const sleeps = { startupCommand: ['sleep', '1000'] };
const causeOf = (run: Promise<unknown>) => run.catch((error: unknown) => (error as StartupError).cause);
const greet = async (address: NetConnectOpts) => await text(connect(address));

test('a caller that is killed leaves neither its listening port nor its unix socket', async () => {
	const temporary = temporaryFolder();
	const startupCommand = ['sh', '-c', 'echo {listen.http} {listen.api}; exec sleep 1000'];
	const listen = { http: 'auto', api: '{dir}/api.sock' };
	const caller = startCaller('waits', { startupCommand, listen, lookFor: 'api.sock' }, temporary);
	const said = (await caller.next()) as Said;
	const [port, path = ''] = (said.lines[0] ?? '').split(' ');
	expect(existsSync(path)).toBe(true);
	await killCaller(caller, 'SIGKILL');
	await expectNothingLeft(familyOf(said), temporary);
	await expect(greet({ port: Number(port), host: '127.0.0.1' })).rejects.toThrow('ECONNREFUSED');
});

test('a process without a trace of the daemon that still has its socket is named, and left alone', async () => {
	const startupCommand = [fixture('passes-its-socket-on.mjs')];
	const daemon = await startDaemon({ startupCommand, listen: 'auto', lookFor: /escaped (?<escaped>\d+)/ });
	const escaped = Number(daemon.captures['escaped']);
	onTestFinished(() => void process.kill(escaped, 'SIGKILL'));
	const end = daemon[Symbol.asyncDispose]();
	await expect(end).rejects.toThrow(LeakError);
	await expect(end).rejects.toThrow(new RegExp(`port ${daemon.port} +${escaped}   .* listens on 127.0.0.1, since `));
	expect([isGone(daemon.pid), isGone(escaped)]).toEqual([true, false]);
});

test('a unix socket that a killed caller has left is replaced, and nothing else is', async () => {
	const folder = temporaryFolder();
	const path = join(folder, 'a.sock');
	const code = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('listens'))`;
	const killed = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
	const gone = once(killed, 'exit');
	await firstWords(killed);
	expect(await causeOf(withDaemon({ ...sleeps, listen: path }, () => {}))).toMatchObject({ code: 'EADDRINUSE', path });
	killed.kill('SIGKILL');
	await gone;
	await withDaemon({ ...sleeps, listen: path }, () => expect(lstatSync(path).isSocket()).toBe(true));

	writeFileSync(path, 'mine');
	expect(await causeOf(withDaemon({ ...sleeps, listen: path }, () => {}))).toMatchObject({ code: 'EADDRINUSE', path });
	expect(lstatSync(path).size).toBe(4);
	rmSync(path);
	symlinkSync(join(folder, 'target'), path);
	expect(await causeOf(withDaemon({ ...sleeps, listen: path }, () => {}))).toMatchObject({ code: 'EADDRINUSE', path });
	expect(existsSync(join(folder, 'target'))).toBe(false);
});

test('a unix socket in a folder that others can write to is refused, and so is a path that is too long', async () => {
	const folder = temporaryFolder();
	chmodSync(folder, 0o777);
	const refused = withDaemon({ ...sleeps, listen: join(folder, 'a.sock') }, () => {});
	await expect(refused).rejects.toThrow(`its socket cannot be in ${folder}, which can be written by other users`);
	const path = join(folder, 'a'.repeat(110));
	expect(await causeOf(withDaemon({ ...sleeps, listen: path }, () => {}))).toMatchObject({ code: 'ENAMETOOLONG' });
});

test('two daemons cannot have the same unix socket', async () => {
	const listen = join(temporaryFolder(), 'a.sock');
	await withDaemon({ ...sleeps, listen }, async () => {
		expect(await causeOf(withDaemon({ ...sleeps, listen }, () => {}))).toMatchObject({ code: 'EADDRINUSE' });
	});
});

test('a client that still waits when the socket is closed is told so at once', async () => {
	const daemon = await startDaemon({ ...sleeps, listen: 'auto' });
	const client = connect({ port: daemon.port, host: '127.0.0.1' });
	await once(client, 'connect');
	const answer = text(client);
	const refused = expect(answer).rejects.toThrow('ECONNRESET');
	await daemon.shutdown();
	expect(client.destroyed).toBe(false);
	await daemon[Symbol.asyncDispose]();
	await refused;
});
