/** sshd: a server that daemonizes itself, as a user without rights, with a host key of its own. */
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DaemonExitedError, type RunningDaemon, withDaemon } from '../../src/index.ts';
import { expectNothingLeft, killCaller, type Said, startCaller } from '../support/doomed-callers.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';
import { describeServer, expectGone, tracesOf } from '../support/real-servers.ts';

const isRoot = process.getuid?.() === 0;
const idOf = (option: '-u' | '-g') => Number(spawnSync('id', [option, 'nobody'], { encoding: 'utf8' }).stdout);
const programs = ['sshd', 'ssh-keygen', ...(isRoot ? (['setpriv'] as const) : [])] as const;

describeServer('sshd', programs, ({ sshd, 'ssh-keygen': keygen }) => {
	/** Root's sshd would need the folder /run/sshd. */
	const unprivileged = isRoot ? ['setpriv', `--reuid=${idOf('-u')}`, `--regid=${idOf('-g')}`, '--clear-groups'] : [];

	/** The daemon's user cannot enter `{dir}`, so the files are elsewhere. */
	function makeOptions() {
		const folder = temporaryFolder();
		const [key, pidFile] = [join(folder, 'host_key'), join(folder, 'sshd.pid')];
		execFileSync(keygen, ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
		if (isRoot) for (const path of [folder, key]) chownSync(path, idOf('-u'), idOf('-g'));
		const settings = [`HostKey=${key}`, `PidFile=${pidFile}`, 'ListenAddress=127.0.0.1', 'UsePAM=no', 'Port={port}'];
		const words = settings.flatMap(setting => ['-o', setting]);
		const startupCommand = [...unprivileged, sshd, '-f', '/dev/null', ...words];
		return { name: 'sshd', startupCommand, pidFile, port: 'auto', forking: true } as const;
	}

	const addressOf = ({ port }: RunningDaemon) => ({ host: '127.0.0.1', port: Number(port) });

	test('is followed when it daemonizes itself, greets, and is gone afterwards', async () => {
		const options = makeOptions();
		const traces = await withDaemon(options, async daemon => {
			const client = connect(addressOf(daemon));
			const [greeting] = await once(client, 'data');
			client.destroy();
			expect(String(greeting)).toMatch(/^SSH-2\.0-/);
			expect(readFileSync(options.pidFile, 'latin1')).toBe(`${daemon.pid}\n`);
			return await tracesOf(daemon, addressOf(daemon));
		});
		await expectGone(traces);
		expect(existsSync(options.pidFile)).toBe(false);
	});

	test('ends the test when it is killed', async () => {
		const run = withDaemon(makeOptions(), daemon => {
			process.kill(daemon.pid, 'SIGKILL');
			return new Promise<never>(() => {});
		});
		await expect(run).rejects.toThrow(DaemonExitedError);
		await expect(run).rejects.toThrow('sshd ended with an unknown exit status while it was in use');
	});

	test('goes with a caller that is killed', async () => {
		const temporary = temporaryFolder();
		const caller = startCaller('waits', makeOptions(), temporary);
		const { pid } = (await caller.next()) as Said;
		expect(isGone(pid)).toBe(false);
		await killCaller(caller, 'SIGKILL');
		await expectNothingLeft([pid], temporary);
	});
});
