/** `withdaemon doctor` on machines that lack something. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fixture } from '../support/fixtures.ts';
import { listenOn, reservePort, startStranger, startUdpStranger } from '../support/ports.ts';
import { releasing } from '../support/released.ts';

const CONFIG = 'withdaemon.config.json';

test('a machine on which all is well gets exit code 0, and each finding is named', async context => {
	const { run } = releasing(context);
	const { code, output } = await run(['doctor', '--json']);
	const findings: { what: string; level: string; found: string }[] = JSON.parse(output);
	const names = ['processes', 'shell', 'file watches', 'open files', 'number of processes', 'koffi', 'registry'];
	expect(findings.map(({ what }) => what)).toEqual([...names, 'XDG_RUNTIME_DIR', 'temporary files']);
	expect(findings.filter(({ level }) => level === 'fail')).toEqual([]);
	expect(findings.find(({ what }) => what === 'file watches')?.found).toMatch(/\d+ of \d+ inotify instances/);
	expect(code).toBe(0);
});

test('a registry that others can write to fails, and the remedy is named', async context => {
	const { run, folder } = releasing(context);
	const registry = join(folder, 'tmp', `withdaemon-${process.getuid?.()}`);
	mkdirSync(registry);
	chmodSync(registry, 0o777);
	const { code, output } = await run(['doctor']);
	expect(code).toBe(1);
	expect(output).toMatch(/^fail +registry +\S+ is open to other users/m);
	expect(output).toMatch(/^ +→ set XDG_RUNTIME_DIR or TMPDIR to a folder of your own$/m);
});

test('a port of the config file that somebody has is a warning with the process that has it', async context => {
	const [{ port: taken }, { port: free }] = [await reservePort(), await reservePort()];
	await listenOn(taken, '127.0.0.1');
	const { pid } = await startStranger(taken, '::1');
	const member = { startupCommand: 'sleep 1', ready: [] };
	const ports = { admin: free, dns: { port: taken, protocol: 'udp' } };
	const group = { db: { ...member, port: taken }, api: { ...member, ports } };
	const { run } = releasing(context, { [CONFIG]: group });
	const { code, output } = await run(['doctor']);
	expect(output).toMatch(new RegExp(`^warn +port ${taken} of db +is taken: ${process.pid} .*; ${pid} `, 'm'));
	expect(output).toMatch(new RegExp(`^ok +port ${free} of api +is free$`, 'm'));
	expect(output).toMatch(new RegExp(`^ok +UDP port ${taken} of api +is free$`, 'm'));
	expect(code).toBe(0);
});

test('a port of the config file is fine if the service that wants it has it, and no other one', async context => {
	const startupCommand = [process.execPath, fixture('listens.mjs'), '{port}'];
	const api = { startupCommand, port: 'auto', timeout: 300_000 };
	const { run, status, folder } = releasing(context, { [CONFIG]: { api } });
	await run(['start']);
	const { port } = await status('api');
	const { pid } = await startUdpStranger(Number(port));
	const member = { startupCommand: 'sleep 1', ready: [] };
	const others = { web: { ...member, port }, dns: { ...member, port: { port, protocol: 'udp' } } };
	writeFileSync(join(folder, CONFIG), JSON.stringify({ api: { ...api, port }, ...others }));
	const { output } = await run(['doctor']);
	const found = 'is used by api, which `start` has brought up here';
	expect(output).toMatch(new RegExp(`^ok +port ${port} of api +${found}$`, 'm'));
	expect(output).toMatch(new RegExp(`^warn +port ${port} of web +${found}\n +→ \`withdaemon stop api\`$`, 'm'));
	expect(output).toMatch(new RegExp(`^warn +UDP port ${port} of dns +is taken: ${pid} `, 'm'));
});
