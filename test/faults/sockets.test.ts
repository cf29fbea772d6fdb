/** Sockets that the daemon inherits, and what can go wrong with them. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, lstatSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, type NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { LeakError, type StartupError, startDaemon, withDaemon } from '../../src/index.ts';
import { runCaller } from '../support/callers.ts';
import { expectNothingLeft, familyOf, killCaller, type Said, startCaller } from '../support/doomed-callers.ts';
import { firstWords } from '../support/first-words.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';
import { onTestFinished } from '../support/this-test.ts';

const sleeps = { startupCommand: ['sleep', '1000'] };
const failureOf = (run: Promise<unknown>) => run.catch((error: unknown) => error as StartupError);
const causeOf = async (run: Promise<unknown>) => ((await failureOf(run)) as StartupError).cause;
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
	const failure = await failureOf(withDaemon({ ...sleeps, listen: path }, () => {}));
	expect(failure).toMatchObject({ cause: { code: 'EADDRINUSE', path } });
	expect(failure).toMatchObject({
		message: expect.stringContaining(`at ${path}: a unix socket is there, and is left alone`),
	});
	expect(failure).toMatchObject({ message: expect.stringMatching(new RegExp(`^  socket +${killed.pid}   `, 'm')) });
	killed.kill('SIGKILL');
	await gone;
	await withDaemon({ ...sleeps, listen: path }, () => expect(lstatSync(path).isSocket()).toBe(true));

	writeFileSync(path, 'mine');
	const obstructed = await failureOf(withDaemon({ ...sleeps, listen: path }, () => {}));
	expect(obstructed).toMatchObject({ message: expect.stringContaining(`at ${path}: a regular file is there`) });
	expect(lstatSync(path).size).toBe(4);
	if (process.getuid?.() === 0) {
		chownSync(path, 65_534, 65_534);
		const foreign = await failureOf(withDaemon({ ...sleeps, listen: path }, () => {}));
		const what = `at ${path}: a regular file of the user 65534 is there`;
		expect(foreign).toMatchObject({ message: expect.stringContaining(what) });
	}
	rmSync(path);
	symlinkSync(join(folder, 'target'), path);
	const linked = await failureOf(withDaemon({ ...sleeps, listen: path }, () => {}));
	expect(linked).toMatchObject({ message: expect.stringContaining(`at ${path}: a symlink is there`) });
	expect(existsSync(join(folder, 'target'))).toBe(false);
});

test('a unix socket in a folder that others can write to is refused, and so is a path that is too long', async () => {
	const folder = temporaryFolder();
	chmodSync(folder, 0o777);
	const refused = withDaemon({ ...sleeps, listen: join(folder, 'a.sock') }, () => {});
	await expect(refused).rejects.toThrow(`its socket cannot be in ${folder}, which can be written by other users`);
	const path = join(folder, 'a'.repeat(110));
	const long = withDaemon({ ...sleeps, listen: path }, () => {});
	await expect(long).rejects.toThrow(`${path}, has ${Buffer.byteLength(path)} bytes, of which a unix socket can have `);
	expect(await causeOf(long)).toMatchObject({ code: 'ENAMETOOLONG' });
});

test('two daemons cannot have the same unix socket', async () => {
	const listen = join(temporaryFolder(), 'a.sock');
	await withDaemon({ ...sleeps, listen }, async () => {
		expect(await causeOf(withDaemon({ ...sleeps, listen }, () => {}))).toMatchObject({ code: 'EADDRINUSE' });
		rmSync(listen);
		await expect(withDaemon({ ...sleeps, listen }, () => {})).rejects.toThrow(
			`at ${listen}: another caller has that path`,
		);
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

/** Root keeps everything else. */
const missing = '-net_bind_service,-dac_override';
const unprivileged = process.getuid?.() === 0 ? ['setpriv', `--bounding-set=${missing}`, `--inh-caps=${missing}`] : [];
const limitFile = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
// In a container of Docker every port may be bound.
const limit = existsSync(limitFile) ? Number(readFileSync(limitFile, 'utf8')) : 0;
const [command = 'true', ...args] = unprivileged;
const canLack = limit > 1 && spawnSync(command, [...args, 'true']).status === 0;
const errorOf = async (options: object) =>
	(await runCaller('prints-its-error.mjs', [JSON.stringify(options)], unprivileged)).output;

test.skipIf(!canLack)('a port or a folder for which the caller has no permission is named, with a remedy', async () => {
	const folder = temporaryFolder();
	chmodSync(folder, 0o500);
	const port = errorOf({ listen: 1 });
	const path = errorOf({ listen: join(folder, 'a.sock') });
	// The daemon binds it, and its log says that it may not.
	const own = errorOf({ startupCommand: [fixture('listens.mjs'), '{port}'], port: 1 });
	const hint =
		`  hint         only processes with CAP_NET_BIND_SERVICE may listen on a port below ${limit}: use a higher port or ` +
		"'auto', or lower the limit: `sysctl net.ipv4.ip_unprivileged_port_start=1`\n";
	expect(await port).toContain('x could not be started: it has no permission to listen on 127.0.0.1:1 (EACCES)\n');
	expect(await port).toContain(hint);
	expect(await path).toContain(`a.sock cannot be made, as this user may not write to ${folder} (EACCES)\n`);
	expect(await own).toContain('x exited with code 1 before it was ready\n');
	expect((await own).split(hint)).toHaveLength(2);
});
