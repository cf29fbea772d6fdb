/** Variables that shells and the loader act upon reach the daemon, but not the shells between it and its caller. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type DaemonOptions, StartupError, StartupTimeoutError, startDaemon, withDaemon } from '../../src/index.ts';
import { settlesWithin } from '../../src/time/deadline.ts';
import { pollUntil } from '../../src/time/poll.ts';
import { runCaller } from '../support/callers.ts';
import {
	eventually,
	expectNothingLeft,
	familyOf,
	killCaller,
	reaperOf,
	type Said,
	startCaller,
} from '../support/doomed-callers.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';
import { watchTraces } from '../support/traces.ts';

/** Debian's sh supports no descriptor of two digits, so bash replaces it in the launcher and the reaper. */
const throughBash = ['bash', '-c', 'exec env "$@" 42</etc/passwd', 'bash'];
const MISSING = '/no/such/library.so';

const linesOf = (text: string) => text.split('\n').filter(line => line !== '');

test('variables that shells act upon reach the daemon, and no shell before it', async () => {
	const [temporary, folder] = [temporaryFolder(), temporaryFolder()];
	const [script, proof] = [join(folder, 'script'), join(folder, 'was run')];
	writeFileSync(script, `echo "$$ $0" >> '${proof}'\n`);
	const variables = ['TMOUT=1', `ENV=${script}`, `BASH_ENV=${script}`, 'POSIXLY_CORRECT=1', 'IFS=u', 'PS4=$(exit)'];
	const options = { startupCommand: [fixture('well-behaved.mjs')], lookFor: 'listening' };
	const caller = startCaller('waits', options, temporary, [], [...throughBash, ...variables]);
	const said = (await caller.next()) as Said;
	const environmentOf = (pid: number) => readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
	const environment = environmentOf(said.pid);
	const level = environmentOf(caller.process.pid).filter(variable => variable.startsWith('SHLVL='));
	expect(variables.filter(variable => !environment.includes(variable))).toEqual([]);
	expect(environment.filter(variable => /^(?:WD_ENV|SHLVL=)/.test(variable))).toEqual(level);
	const watched = [said.pid, await reaperOf(caller.process.pid)];
	// With TMOUT, `read` ends after a second.
	const ended = pollUntil(() => watched.some(isGone), AbortSignal.timeout(1500));
	expect(await settlesWithin(ended, 1400)).toBe(false);
	await ended.catch(() => {});
	expect(existsSync(proof)).toBe(false);
	await killCaller(caller, 'SIGKILL');
	await expectNothingLeft(familyOf(said), temporary);
});

test('a shutdown command that runs for a dead caller has the whole environment of that caller', async () => {
	for (const prefix of [['env'], throughBash]) {
		const [temporary, folder] = [temporaryFolder(), temporaryFolder()];
		const asked = join(folder, 'asked');
		const shutdownCommand = [
			process.execPath,
			'-e',
			`fs.writeFileSync('${asked}', JSON.stringify(process.env)); process.exit(1)`,
		];
		const options = { startupCommand: [fixture('well-behaved.mjs')], lookFor: 'listening', shutdownCommand };
		const variables = [
			'TMOUT=1',
			'odd.name=its value',
			'IFS=u',
			'LD_LIBRARY_PATH=/no/such/folder',
			'UID=7',
			'TEXT=a\n"b" $c `d`',
		];
		const caller = startCaller('waits', options, temporary, [], [...prefix, ...variables]);
		const family = familyOf((await caller.next()) as Said);
		await killCaller(caller, 'SIGKILL');
		await eventually(() => existsSync(asked));
		await expectNothingLeft(family, temporary);
		const environment = Object.entries(JSON.parse(readFileSync(asked, 'utf8'))).map(
			([name, value]) => `${name}=${value}`,
		);
		expect(variables.filter(variable => !environment.includes(variable))).toEqual([]);
	}
});

test('a missing library to preload is reported by the daemon only, and does not look like a signal', async () => {
	const { left } = watchTraces();
	const env = { LD_PRELOAD: MISSING };
	await withDaemon({ startupCommand: ['sleep', '1000'], env }, async ({ log }) => {
		expect(log.lines().filter(line => line.includes(MISSING))).toHaveLength(1);
	});
	// env(1) restores such a name, and is not the daemon either.
	await withDaemon({ startupCommand: ['sleep', '1000'], env: { ...env, 'odd.name': '1' } }, async ({ log }) => {
		expect(log.lines().filter(line => line.includes(MISSING))).toHaveLength(1);
	});
	const exits = startDaemon({ startupCommand: [fixture('exits-at-once.sh'), '143'], lookFor: 'ready', env });
	await expect(exits).rejects.toThrow(StartupError);
	await expect(exits).rejects.toMatchObject({ exit: { code: 143, signal: null } });
	expect(left()).toEqual([]);
});

test('a locale that is not installed adds no line to the log, and so makes no daemon ready', async () => {
	const temporary = temporaryFolder();
	const logFile = join(temporaryFolder(), 'silent.log');
	const options = { startupCommand: ['sleep', '1000'], logFile, startupTimeout: 500 };
	const caller = startCaller('waits', options, temporary, [], [...throughBash, 'LC_ALL=xx_XX.UTF-8']);
	expect(await caller.next()).toEqual({ error: expect.stringContaining(StartupTimeoutError.name) });
	expect(linesOf(readFileSync(logFile, 'utf8'))).toEqual([]);
	const exits = { startupCommand: [fixture('exits-at-once.sh'), '143'], lookFor: 'ready' };
	const another = startCaller('waits', exits, temporary, [], [...throughBash, 'LC_ALL=xx_XX.UTF-8']);
	expect(await another.next()).toEqual({ error: expect.stringMatching(/exited with code 143|exit code 143/) });
});

test('a daemon does not report to the supervisor of its caller, unless it is told to', async () => {
	const ofCaller = ['NOTIFY_SOCKET', 'LISTEN_FDS', 'LISTEN_FDNAMES', 'LISTEN_PID'].map(name => `${name}=the caller's`);
	const said = async (options: DaemonOptions) => {
		const { output } = await runCaller('dies.mjs', ['stops', JSON.stringify(options)], ['env', ...ofCaller]);
		return JSON.parse(output).lines;
	};
	const startupCommand = ['sh', '-c', 'echo "[$NOTIFY_SOCKET$LISTEN_FDS$LISTEN_FDNAMES$LISTEN_PID]"; exec sleep 1000'];
	const options = { startupCommand, lookFor: ']' };
	expect(await said(options)).toEqual(['[]']);
	expect(await said({ ...options, env: { NOTIFY_SOCKET: 'own' } })).toEqual(['[own]']);
});

test('a working directory of the caller that was removed is named before anything is started', async () => {
	const temporary = temporaryFolder();
	const removed = ['sh', '-c', 'd=$(mktemp -d) && cd "$d" && rmdir "$d" && exec "$@"', 'sh'];
	const options = { startupCommand: [fixture('well-behaved.mjs')], lookFor: 'listening' };
	const error =
		"InvalidOptionError: The daemon would work in the caller's working directory, which was removed: give it a `cwd`.";
	expect(await startCaller('waits', options, temporary, [], removed).next()).toEqual({ error });
	expect(readdirSync(temporary)).toEqual([]);
});
