import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { withDaemon } from '../../src/index.ts';
import { hasLibc, loadLibc } from '../../src/native/libc.mjs';
import { canSpawn } from '../../src/native/posix-spawn.mjs';
import { readLinks } from '../../src/process/procfs.ts';
import { listProcesses } from '../../src/process/table.ts';
import { spawnAwake } from '../../src/reaper/spawn-reaper.ts';
import {
	eventually,
	expectNothingLeft,
	familyOf,
	killCaller,
	killWithReaper,
	reaperOf,
	replaceReaper,
	type Said,
	startCaller,
} from '../support/doomed-callers.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { isGone, ps } from '../support/processes.ts';
import { project } from '../support/projects.ts';
import { onTestFinished } from '../support/this-test.ts';

const isNativeHere = hasLibc() && canSpawn(loadLibc());
const wellBehaved = { startupCommand: [fixture('is-ready.sh')], lookFor: 'ready' };

test('the reaper is small, leads its own session, works in /, and holds only its pipe', async () => {
	const temporary = temporaryFolder();
	const caller = startCaller(
		'waits',
		wellBehaved,
		temporary,
		[],
		['bash', '-c', 'exec "$@" 7</etc/passwd 42</etc/passwd', 'bash'],
	);
	const family = familyOf((await caller.next()) as Said);
	const reaper = await reaperOf(caller.process.pid);
	expect(ps(reaper, 'sid', 'tty')).toEqual([String(reaper), '?']);
	expect(readlinkSync(`/proc/${reaper}/cwd`)).toBe('/');
	const listOpen = () => readdirSync(`/proc/${reaper}/fd`).map(fd => readlinkSync(`/proc/${reaper}/fd/${fd}`));
	// The loader of the shell may still have a library open.
	await expect
		.poll(() => listOpen().map(link => link.replace(/\d+/, '')))
		.toEqual(['socket:[]', '/dev/null', '/dev/null']);
	await killCaller(caller, 'SIGKILL');
	await expectNothingLeft(family, temporary);
});

test('signals that are meant for all processes do not end the reaper', async () => {
	const temporary = temporaryFolder();
	const caller = startCaller('waits', wellBehaved, temporary);
	const family = familyOf((await caller.next()) as Said);
	const reaper = await reaperOf(caller.process.pid);
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.kill(-reaper, signal);
	await killCaller(caller, 'SIGKILL');
	await expectNothingLeft(family, temporary);
	await eventually(() => isGone(reaper));
	expect(isGone(reaper)).toBe(true);
});

test.skipIf(!isNativeHere)(
	'a reaper that was killed is replaced by libc, when that is loaded, and reaped',
	async () => {
		const temporary = temporaryFolder();
		const caller = startCaller('waits', wellBehaved, temporary, [], ['env', '--unset=WITHDAEMON_FFI']);
		const family = familyOf((await caller.next()) as Said);
		const pid = caller.process.pid;
		await eventually(() => /koffi.*\.node$/m.test(readFileSync(`/proc/${pid}/maps`, 'latin1')));
		const first = await reaperOf(pid);
		const second = await replaceReaper(caller);
		const third = await replaceReaper(caller);
		// Libc gives it no descriptors that it would have to close.
		expect([second, third].map(reaper => commandOf(reaper).includes('/dev/fd/'))).toEqual([false, false]);
		expect([first, second].map(reaper => ps(reaper, 'state'))).toEqual([[''], ['']]);
		await killCaller(caller, 'SIGKILL');
		await expectNothingLeft(family, temporary);
	},
);

test.each(isNativeHere ? [process.env['WITHDAEMON_FFI'] || 'koffi', 'off'] : ['off'])(
	'a reaper that starts awake is reaped when it has ended, and keeps no descriptor open, with WITHDAEMON_FFI=%s',
	async way => {
		vi.stubEnv('WITHDAEMON_FFI', way);
		onTestFinished(() => void vi.unstubAllEnvs());
		const children = () => listProcesses().flatMap(({ pid, ppid }) => (ppid === process.pid ? [pid] : []));
		const sockets = () => readLinks('/proc/self/fd').filter(link => link.startsWith('socket:'));
		const [before, open] = [new Set(children()), new Set(sockets())];
		await spawnAwake(join(temporaryFolder(), 'withdaemon-0', 'machine', 'no caller'));
		const [reaper = 0] = children().filter(pid => !before.has(pid));
		expect(reaper).toBeGreaterThan(0);
		await expect.poll(() => ps(reaper, 'state')).toEqual(['']);
		await expect.poll(() => sockets().filter(link => !open.has(link))).toEqual([]);
	},
);

test('a reaper that a later caller starts holds none of the descriptors that this caller was started with', async () => {
	const [temporary, folder] = [temporaryFolder(), temporaryFolder()];
	const note = join(folder, 'open');
	// It is a child of the reaper.
	const shutdownCommand = ['sh', '-c', 'ls -l /proc/$PPID/fd >"$0"; kill "$(cat "$1")"', note, '{pidFile}'];
	const dead = startCaller('waits', { ...wellBehaved, shutdownCommand }, temporary);
	const family = familyOf((await dead.next()) as Said);
	await killWithReaper(dead);
	const prefix = ['bash', '-c', 'exec "$@" 7</etc/passwd 42</etc/passwd', 'bash'];
	const next = startCaller('waits', wellBehaved, temporary, [], prefix);
	const others = familyOf((await next.next()) as Said);
	await eventually(() => family.every(isGone));
	expect(readFileSync(note, 'utf8')).toContain('0 -> ');
	expect(readFileSync(note, 'utf8')).not.toContain('/etc/passwd');
	await killCaller(next, 'SIGKILL');
	await expectNothingLeft([...family, ...others], temporary);
});

test('a caller that leaves nothing makes no reaper start Node', async () => {
	const temporary = temporaryFolder();
	const gate = join(temporaryFolder(), 'gate');
	const startupCommand = ['sh', '-c', 'until [ -e "$0" ]; do sleep 0.05; done; echo ready; exec sleep 1000', gate];
	const caller = startCaller('stops', { startupCommand, lookFor: 'ready' }, temporary);
	const reaper = await reaperOf(caller.process.pid);
	writeFileSync(gate, '');
	const nodes = new Set<string>();
	await eventually(() => {
		nodes.add(commandOf(reaper));
		return isGone(reaper);
	});
	expect([...nodes].filter(command => command.includes('main.cjs') && !command.includes('withdaemon:reaper'))).toEqual(
		[],
	);
	expect(readdirSync(temporary)).toEqual([]);
});

test('variables that change how Node starts do not reach a shutdown command of the reaper', async () => {
	const [temporary, folder] = [temporaryFolder(), temporaryFolder()];
	const shutdownCommand = ['sh', '-c', 'env > asked; kill -s INT "$(cat "$0")"', '{pidFile}'];
	const certificates = join(folder, 'certificates.pem');
	writeFileSync(certificates, '');
	const set = [
		`NODE_EXTRA_CA_CERTS=${certificates}`,
		'NODE_OPTIONS=--no-deprecation',
		'NODE_ENV=test',
		'NODE_ENV_FILE=/dev/null',
		'GREETING=hello',
	];
	const caller = startCaller('waits', { ...wellBehaved, cwd: folder, shutdownCommand }, temporary, [], ['env', ...set]);
	const family = familyOf((await caller.next()) as Said);
	await killCaller(caller, 'SIGKILL');
	await expectNothingLeft(family, temporary);
	const asked = readFileSync(join(folder, 'asked'), 'utf8').split('\n');
	expect(set.filter(variable => asked.includes(variable))).toEqual(['NODE_ENV=test', 'GREETING=hello']);
	expect(asked.filter(line => line.startsWith('NODE_OPTIONS') || line.startsWith('NODE_EXTRA_CA_CERTS'))).toEqual([]);
});

test('a package from which the program of the reaper was left out starts nothing, and its path is named', () => {
	const caller = `import { withDaemon } from 'withdaemon';
		await withDaemon({ startupCommand: 'sleep 1000' }, () => {}).catch(error => console.log(error.message));`;
	const cwd = project({ 'caller.mjs': caller }, ['koffi', '@koromix']);
	const missing = join(cwd, 'node_modules/withdaemon/dist/reaper/awake/main.cjs');
	rmSync(missing);
	const temporary = temporaryFolder();
	const env = { ...process.env, TMPDIR: temporary, WITHDAEMON_FFI: '' };
	const { stdout, stderr } = spawnSync(process.execPath, ['caller.mjs'], { cwd, env, encoding: 'utf8' });
	expect([stdout, stderr]).toEqual([
		expect.stringContaining(`ENOENT: no such file or directory, access '${missing}'`),
		'',
	]);
	expect(readdirSync(temporary)).toEqual([]);
});

test('a process that holds the output of the shutdown command does not keep the reaper alive', async () => {
	const [temporary, folder] = [temporaryFolder(), temporaryFolder()];
	const note = join(folder, 'hidden');
	const script = 'kill "$(cat "$0")"; env -i setsid sh -c "echo \\$\\$ >$1; exec sleep 1000" &';
	const shutdownCommand = ['sh', '-c', script, '{pidFile}', note];
	const caller = startCaller('waits', { ...wellBehaved, shutdownCommand }, temporary);
	const family = familyOf((await caller.next()) as Said);
	const reaper = await reaperOf(caller.process.pid);
	await killCaller(caller, 'SIGKILL');
	await eventually(() => existsSync(note) && readFileSync(note, 'utf8').endsWith('\n'));
	const hidden = Number(readFileSync(note, 'utf8'));
	onTestFinished(() => void process.kill(hidden, 'SIGKILL'));
	await expectNothingLeft(family, temporary);
	await eventually(() => isGone(reaper));
	expect([reaper, hidden].map(isGone)).toEqual([true, false]);
});

test('the reaper of a daemon that uses withdaemon itself is not reported as a survivor', async () => {
	const temporary = temporaryFolder();
	const inner = { startupCommand: [fixture('stubborn.sh')], lookFor: 'ready', shutdownTimeout: 100 };
	const script = fileURLToPath(new URL('../callers/dies.mjs', import.meta.url));
	let family: number[] = [];
	await withDaemon(
		{
			startupCommand: [process.execPath, script, 'waits', JSON.stringify(inner)],
			env: { TMPDIR: temporary },
			lookFor: /^(?<said>\{.*\})$/,
		},
		({ captures }) => {
			family = familyOf(JSON.parse(captures['said'] ?? ''));
			expect(family).toHaveLength(3);
		},
	);
	// The reaper is at work now, for longer than the grace of a child.
	await expectNothingLeft(family, temporary);
});

function commandOf(pid: number): string {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
	} catch {
		// ENOENT, ESRCH: gone by now.
		return '';
	}
}
