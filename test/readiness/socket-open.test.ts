import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { InvalidOptionError, socketOpen, startDaemon, withDaemon } from '../../src/index.ts';
import { checkOf, thisProcess } from '../support/checks.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { watchTraces } from '../support/traces.ts';

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
		expect(await look(join(dir, 'x.sock'))).toBe(true);
	});
});

test('a relative path begins in the working directory of the daemon', async () => {
	const startupCommand = [fixture('listens-on-a-socket.mjs'), 'x.sock', '/'];
	await withDaemon({ startupCommand, cwd: temporaryFolder(), ready: socketOpen('x.sock') }, () => {});
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
	const start = startDaemon({ startupCommand: [fixture('never-ready.sh')], ready: socketOpen(`${path}é`) });
	await expect(start).rejects.toThrow(InvalidOptionError);
	await expect(start).rejects.toThrow(`to have ${longest} bytes at most`);
	await expect(start).rejects.toThrow(`${path}é has ${longest + 2}.`);
	expect(traces.left()).toEqual([]);
});
