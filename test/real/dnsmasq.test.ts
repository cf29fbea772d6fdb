/** dnsmasq: a server that daemonizes itself, asked for a name as its clients do. */
import { Resolver } from 'node:dns/promises';
import { userInfo } from 'node:os';
import { expect, test } from 'vitest';
import { DaemonExitedError, withDaemon } from '../../src/index.ts';
import { canBind } from '../../src/udp-port.ts';
import { expectNothingLeft, killCaller, type Said, startCaller } from '../support/doomed-callers.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';
import { describeServer, expectGone, tracesOf } from '../support/real-servers.ts';

describeServer('dnsmasq', ['dnsmasq'], programs => {
	// As root it would become another user, who has no access to `{dir}`.
	const user = `--user=${userInfo().username}`;
	const place = ['--port={port}', '--listen-address=127.0.0.1', '--bind-interfaces', '--pid-file={pidFile}', user];
	const settings = ['--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--address=/greeting.test/192.0.2.7'];
	const dnsmasq = {
		name: 'dnsmasq',
		startupCommand: [programs.dnsmasq, ...place, ...settings],
		port: 'auto',
		forking: true,
	} as const;

	test('is followed when it daemonizes itself, answers, and is gone afterwards', async () => {
		const traces = await withDaemon(dnsmasq, async daemon => {
			const resolver = new Resolver();
			resolver.setServers([`127.0.0.1:${daemon.port}`]);
			expect(await resolver.resolve4('greeting.test')).toEqual(['192.0.2.7']);
			return await tracesOf(daemon, { host: '127.0.0.1', port: Number(daemon.port) });
		});
		await expectGone(traces);
	});

	test('answers on a UDP port, which is free again afterwards', async () => {
		// In the foreground its PID file is not the library's, beside which it would not make its own (O_EXCL).
		const ofUdp = (word: string) => word.replace('{port}', '{ports.dns}').replace('{pidFile}', '{dir}/own.pid');
		const startupCommand = [...dnsmasq.startupCommand.map(ofUdp), '--keep-in-foreground'];
		const ports = { dns: { port: 'auto', protocol: 'udp' } } as const;
		const port = await withDaemon({ name: 'dnsmasq', startupCommand, ports }, async ({ ports }) => {
			const resolver = new Resolver();
			resolver.setServers([`127.0.0.1:${ports['dns']}`]);
			expect(await resolver.resolve4('greeting.test')).toEqual(['192.0.2.7']);
			expect(await canBind(Number(ports['dns']))).toBe(false);
			return Number(ports['dns']);
		});
		expect(await canBind(port)).toBe(true);
	});

	test('ends the test when it is killed', async () => {
		const run = withDaemon(dnsmasq, daemon => {
			process.kill(daemon.pid, 'SIGKILL');
			return new Promise<never>(() => {});
		});
		await expect(run).rejects.toThrow(DaemonExitedError);
		await expect(run).rejects.toThrow('dnsmasq ended with an unknown exit status while it was in use');
	});

	test('goes with a caller that is killed', async () => {
		const temporary = temporaryFolder();
		const caller = startCaller('waits', dnsmasq, temporary);
		const { pid } = (await caller.next()) as Said;
		expect(isGone(pid)).toBe(false);
		await killCaller(caller, 'SIGKILL');
		await expectNothingLeft([pid], temporary);
	});
});
