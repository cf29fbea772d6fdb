import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { InvalidOptionError, socketOpen, startDaemon, withDaemon } from '../../src/index.ts';
import { silentLogger } from '../../src/logger.ts';
import { checkOf, thisProcess } from '../support/checks.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';
import { watchTraces } from '../support/traces.ts';
import { waitedFor } from '../support/waited-for.ts';

const never = new AbortController().signal;
const look = (path: string) => checkOf(socketOpen(path)).look?.(never, thisProcess);

test('holds when the daemon accepts connections on it', async () => {
	const gate = join(temporaryFolder(), 'gate');
	const opensGate = () => {
		writeFileSync(gate, '');
		return true;
	};
	const startupCommand = [fixture('listens-on-a-socket.mjs'), '{dir}/x.sock', gate];
	await withDaemon({ startupCommand, ready: [opensGate, socketOpen('{dir}/x.sock')] }, async ({ dir }) => {
		await once(connect(join(dir, 'x.sock')).resume(), 'close');
	});
});

test('the listener sees its client leave, and no error', async () => {
	const path = join(temporaryFolder(), 'x.sock');
	const errors: Error[] = [];
	const server = createServer(socket => socket.on('error', error => errors.push(error)).end('hello')).listen(path);
	onTestFinished(() => void server.close());
	await once(server, 'listening');
	const left = once(server, 'connection').then(([socket]) => once(socket.resume(), 'close'));
	expect(await look(path)).toBe(true);
	await left;
	expect(errors).toEqual([]);
});

test('a relative path begins in the working directory of the daemon', async () => {
	const startupCommand = [fixture('listens-on-a-socket.mjs'), 'x.sock', '/'];
	await withDaemon({ startupCommand, cwd: temporaryFolder(), ready: socketOpen('x.sock') }, () => {});
});

test('a listener that is a child of the daemon, or that was handed to it, is the daemon', async () => {
	const child = ['sh', '-c', '"$0" "$@" & wait', fixture('listens-on-a-socket.mjs'), '{dir}/x.sock', '/'];
	await withDaemon({ startupCommand: child, ready: socketOpen('{dir}/x.sock') }, () => {});
	const handed = { startupCommand: [fixture('never-ready.sh')], listen: '{dir}/x.sock' };
	await withDaemon({ ...handed, ready: socketOpen('{dir}/x.sock') }, () => {});
});

/** What is said about a socket on which somebody else listens than the daemon, with this path in its place. */
async function seenAt(path: string, cwd: string): Promise<string> {
	const probe = socketOpen(path);
	let looks = 0;
	// Each of these looks takes as long as one of the probe.
	const isEnough = async () => {
		await look(resolve(cwd, path));
		return ++looks > 5;
	};
	const rows = await waitedFor({ startupCommand: [fixture('never-ready.sh')], cwd, ready: [probe] }, isEnough);
	const places = rows.replaceAll(fixture(''), '/project/fixtures/').replaceAll(process.cwd(), '/project');
	return places
		.replaceAll(cwd, '[folder]')
		.replace(/\b\d{2,}\b/, '[pid]')
		.replaceAll(process.execPath, 'node');
}

test('a stranger that listens there is named and not taken for the daemon', async () => {
	const cwd = temporaryFolder();
	const stranger = spawn(fixture('listens-on-a-socket.mjs'), ['x.sock', '/'], { cwd, stdio: 'ignore' });
	const gone = once(stranger, 'exit');
	onTestFinished(async () => {
		stranger.kill('SIGKILL');
		await gone;
	});
	await expect.poll(() => look(join(cwd, 'x.sock')), { timeout: 60_000 }).toContain(`${stranger.pid}`);
	expect(await seenAt('x.sock', cwd)).toMatchInlineSnapshot(
		`"unix socket [folder]/x.sock   the process that listens there is not the daemon's: [pid] (node /project/fixtures/listens-on-a-socket.mjs x.sock /, in [folder])"`,
	);
});

test('another daemon of this process is named and not taken for the daemon', async () => {
	const cwd = temporaryFolder();
	const path = join(cwd, 'x.sock');
	const startupCommand = [fixture('listens-on-a-socket.mjs'), path, '/'];
	await withDaemon({ name: 'first', startupCommand, ready: socketOpen(path) }, async () => {
		expect(await seenAt(path, cwd)).toMatchInlineSnapshot(
			`"unix socket [folder]/x.sock   the process that listens there is not the daemon's: [pid] of the daemon 'first' (node /project/fixtures/listens-on-a-socket.mjs [folder]/x.sock /, in /project)"`,
		);
	});
});

test('the reason says whether it is missing, abandoned or no socket', async () => {
	const folder = temporaryFolder();
	const abandoned = join(folder, 'abandoned');
	const leave = `const s = require('net').createServer().listen(${JSON.stringify(abandoned)}, () => process.kill(process.pid, 'SIGKILL'))`;
	spawnSync(process.execPath, ['-e', leave]);
	writeFileSync(join(folder, 'file'), '');
	expect({
		abandoned: await look(abandoned),
		file: await look(join(folder, 'file')),
		folder: await look(folder),
		missing: await look(join(folder, 'missing')),
		'missing folder': await look(join(folder, 'a/missing')),
	}).toMatchInlineSnapshot(`
		{
		  "abandoned": "nobody listens on it (ECONNREFUSED)",
		  "file": "it is a regular file, and not a socket",
		  "folder": "it is a directory, and not a socket",
		  "missing": "it does not exist",
		  "missing folder": "it does not exist",
		}
	`);
});

test('a path that the system would cut is refused before anything is started', async () => {
	const longest = process.platform === 'darwin' ? 103 : 107;
	const folder = temporaryFolder();
	const path = join(folder, 'x'.repeat(longest - folder.length - 1));
	const server = createServer().listen(path);
	onTestFinished(() => void server.close());
	await once(server, 'listening');
	expect(await look(path)).toBe(true);
	const traces = watchTraces();
	const said: string[] = [];
	const start = startDaemon({
		startupCommand: [fixture('never-ready.sh')],
		ready: socketOpen(`${path}é`),
		logger: { ...silentLogger, debug: text => said.push(text) },
	});
	await expect(start).rejects.toThrow(InvalidOptionError);
	await expect(start).rejects.toThrow(`to have ${longest} bytes at most`);
	await expect(start).rejects.toThrow(`${path}é has ${longest + 2}.`);
	expect(said).toEqual([]);
	expect(traces.left()).toEqual([]);
});
