import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { settlesWithin } from '../../src/time/deadline.ts';
import { pollUntil } from '../../src/time/poll.ts';
import {
	type DoomedCaller,
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
import { firstWords } from '../support/first-words.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';
import { onTestFinished } from '../support/this-test.ts';

const stubborn = { startupCommand: [fixture('stubborn.sh')], lookFor: 'ready', shutdownTimeout: 100 };
const wellBehaved = { startupCommand: [fixture('is-ready.sh')], lookFor: 'ready' };

/** Starts a caller, ends it, and checks that its daemon is gone too. */
async function expectNothingAfter(end: string, act: (caller: DoomedCaller) => unknown, flags: readonly string[] = []) {
	const temporary = temporaryFolder();
	const caller = startCaller(end, wellBehaved, temporary, flags);
	const ended = once(caller.process, 'exit');
	const family = familyOf((await caller.next()) as Said);
	act(caller);
	const [code, signal] = await ended;
	await expectNothingLeft(family, temporary);
	return code ?? signal;
}

test('a caller that is ended by SIGKILL, SIGTERM, SIGINT or SIGHUP takes its daemon with it', async () => {
	const signals = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const;
	const ends = signals.map(signal => expectNothingAfter('waits', caller => caller.process.kill(signal)));
	expect(await Promise.all(ends)).toEqual(signals);
});

test('a caller that exits in the middle of a test takes its daemon with it', async () => {
	expect(await expectNothingAfter('process.exit', () => {})).toBe(3);
});

test('a caller that throws an uncaught error takes its daemon with it', async () => {
	expect(await expectNothingAfter('an exception that nobody catches', () => {})).toBe(1);
});

test('a caller that aborts takes its daemon with it', async () => {
	expect(await expectNothingAfter('process.abort', () => {})).toBe('SIGABRT');
});

test('a caller that runs out of memory takes its daemon with it', async () => {
	expect(await expectNothingAfter('an exhausted heap', () => {}, ['--max-old-space-size=32'])).toBe('SIGABRT');
});

test('a caller that is killed takes its daemon with it, however stubborn that and its children are', async () => {
	const temporary = temporaryFolder();
	const caller = startCaller('waits', stubborn, temporary);
	const family = familyOf((await caller.next()) as Said);
	expect(family).toHaveLength(3);
	await killCaller(caller, 'SIGKILL');
	await expectNothingLeft(family, temporary);
});

test('a caller that is killed leaves the folder that it always keeps, and nothing else', async () => {
	const ends = (['always', 'failed'] as const).map(async keep => {
		const temporary = temporaryFolder();
		const caller = startCaller('waits', { ...wellBehaved, keep }, temporary);
		const said = (await caller.next()) as Said;
		await killCaller(caller, 'SIGKILL');
		const kept = keep === 'always' ? [basename(said.dir)] : [];
		await eventually(() => isGone(said.pid) && readdirSync(temporary).length === kept.length);
		expect(isGone(said.pid)).toBe(true);
		expect(readdirSync(temporary)).toEqual(kept);
	});
	await Promise.all(ends);
});

test('a worker that is terminated takes its daemon with it, although the process lives on', async () => {
	const temporary = temporaryFolder();
	const caller = startCaller('a worker that is terminated', wellBehaved, temporary);
	const family = familyOf((await caller.next()) as Said);
	expect(await caller.next()).toBe('terminated');
	await expectNothingLeft(family, temporary);
	expect(isGone(caller.process.pid)).toBe(false);
});

test('a caller that is killed during the startup takes its daemon with it', async () => {
	const temporary = temporaryFolder();
	const note = join(temporaryFolder(), 'pid');
	const startupCommand = ['sh', '-c', 'echo $$ > "$0"; exec sleep 1000', note];
	const caller = startCaller('starts', { startupCommand, lookFor: 'ready' }, temporary);
	await eventually(() => existsSync(note) && readFileSync(note, 'utf8').endsWith('\n'));
	await killCaller(caller, 'SIGKILL');
	await expectNothingLeft([Number(readFileSync(note, 'utf8'))], temporary);
});

test('a caller that is killed takes a daemon with it that has daemonized itself', async () => {
	const temporary = temporaryFolder();
	const startupCommand =
		"env -i setsid sh -c 'echo $$ > {pidFile}; exec sleep 1000' & until [ -s {pidFile} ]; do :; done";
	const caller = startCaller('waits', { startupCommand, forking: true }, temporary);
	const { pid } = (await caller.next()) as Said;
	expect(isGone(pid)).toBe(false);
	await killCaller(caller, 'SIGKILL');
	await expectNothingLeft([pid], temporary);
});

test('a caller that is killed before its daemon is launched leaves nothing', async () => {
	const temporary = temporaryFolder();
	const caller = startCaller('starts', { startupCommand: 'sleep 1000' }, temporary);
	await eventually(() => readdirSync(temporary).length > 0);
	await killCaller(caller, 'SIGKILL');
	await expectNothingLeft([caller.process.pid], temporary);
});

test('a caller that is killed in the teardown takes its daemon with it', async () => {
	const temporary = temporaryFolder();
	const caller = startCaller('stops', { ...stubborn, shutdownTimeout: 1000 }, temporary);
	const family = familyOf((await caller.next()) as Said);
	await killCaller(caller, 'SIGKILL');
	await expectNothingLeft(family, temporary);
});

test('the reaper runs the shutdown command, with its environment and folder', async () => {
	const [temporary, folder] = [temporaryFolder(), temporaryFolder()];
	const options = {
		...wellBehaved,
		cwd: folder,
		env: { GREETING: 'goodbye' },
		shutdownCommand: ['sh', '-c', 'echo "$GREETING from $PWD" > asked; kill -s INT "$(cat "$0")"', '{pidFile}'],
	};
	const caller = startCaller('waits', options, temporary);
	const family = familyOf((await caller.next()) as Said);
	await killCaller(caller, 'SIGKILL');
	await expectNothingLeft(family, temporary);
	expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe(`goodbye from ${folder}\n`);
});

test('a PID file outside the temporary folder is removed, and the other files there stay', async () => {
	const [temporary, folder] = [temporaryFolder(), temporaryFolder()];
	const files = { pidFile: join(folder, 'own.pid'), logFile: join(folder, 'own.log') };
	const caller = startCaller('waits', { ...wellBehaved, ...files }, temporary);
	const family = familyOf((await caller.next()) as Said);
	expect(readdirSync(folder).toSorted()).toEqual(['own.log', 'own.pid']);
	await killCaller(caller, 'SIGKILL');
	await expectNothingLeft(family, temporary);
	expect(readdirSync(folder)).toEqual(['own.log']);
});

test('a folder for temporary files may have any name, and a dead caller is cleaned up after there', async () => {
	const folder = temporaryFolder();
	const odd = join(folder, "a~b 'c");
	mkdirSync(odd);
	const relative = ['sh', '-c', 'cd "$0" && TMPDIR=relative exec "$@"', folder];
	mkdirSync(join(folder, 'relative'));
	const callers = [
		startCaller('waits', wellBehaved, odd),
		startCaller('waits', wellBehaved, join(folder, 'relative'), [], relative),
	];
	const families = (await Promise.all(callers.map(caller => caller.next()))).map(said => familyOf(said as Said));
	for (const caller of callers) await killCaller(caller, 'SIGKILL');
	await expectNothingLeft(families.flat(), odd);
	await expectNothingLeft(families.flat(), join(folder, 'relative'));
	expect(readdirSync(folder).toSorted()).toEqual(["a~b 'c", 'relative']);
});

test('children that only their group ties to the daemon end with it, although the launcher is gone', async () => {
	const temporary = temporaryFolder();
	// With a hard limit there, the marker cannot be put into the limits.
	const limited = ['sh', '-c', 'ulimit -m 4000000 && exec "$@"', 'sh'];
	const deaf = `(trap '' TERM; exec env -i /bin/sleep 1000)`;
	const script = `${deaf} & echo "children $!"; echo ready; exec sleep 1000`;
	const caller = startCaller(
		'waits',
		{ startupCommand: ['sh', '-c', script], lookFor: 'ready' },
		temporary,
		[],
		limited,
	);
	const family = familyOf((await caller.next()) as Said);
	expect(family).toHaveLength(2);
	await killCaller(caller, 'SIGKILL');
	await expectNothingLeft(family, temporary);
});

test('a reaper that was killed is replaced, and the new one does its work', async () => {
	const temporary = temporaryFolder();
	const caller = startCaller('waits', wellBehaved, temporary);
	const family = familyOf((await caller.next()) as Said);
	const first = await reaperOf(caller.process.pid);
	expect(await replaceReaper(caller)).not.toBe(first);
	await killCaller(caller, 'SIGKILL');
	await expectNothingLeft(family, temporary);
});

test('a daemon whose caller and reaper were both killed is swept by the next start, and no other is', async () => {
	const temporary = temporaryFolder();
	const [dead, living] = [startCaller('waits', stubborn, temporary), startCaller('waits', wellBehaved, temporary)];
	const [family, others] = [familyOf((await dead.next()) as Said), familyOf((await living.next()) as Said)];
	await killWithReaper(dead);
	expect(family.filter(isGone)).toEqual([]);
	const next = startCaller('waits', wellBehaved, temporary);
	const third = familyOf((await next.next()) as Said);
	await eventually(() => family.every(isGone));
	expect(family.filter(pid => !isGone(pid))).toEqual([]);
	expect([...others, ...third].filter(isGone)).toEqual([]);
	for (const caller of [living, next]) await killCaller(caller, 'SIGKILL');
	await expectNothingLeft([...others, ...third], temporary);
});

test('a long sweep takes at most half of the time of a start, whose error names it', async () => {
	const temporary = temporaryFolder();
	const dead = startCaller('waits', stubborn, temporary);
	const family = familyOf((await dead.next()) as Said);
	await killWithReaper(dead);
	const neverReady = { startupCommand: [fixture('never-ready.sh')], lookFor: 'never', startupTimeout: 2000 };
	const { error } = (await startCaller('waits', neverReady, temporary).next()) as { readonly error: string };
	expect(error).toContain('StartupTimeoutError: never-ready.sh was not ready within 2000 ms\n  sweep ');
	expect(error).toContain(
		` ms of these were spent waiting for what dead callers have left to end: pid ${dead.process.pid}\n`,
	);
	const [, sinceLaunch] = /launched (\d+) ms ago/.exec(error) ?? [];
	// On a slow machine the time may be over before the launch.
	expect(Number(sinceLaunch ?? 0)).toBeLessThan(2000);
	await expectNothingLeft(family, temporary);
});

test('one of several callers with the same PID file starts, and the errors of the others name it', async () => {
	const temporary = temporaryFolder();
	const pidFile = join(temporaryFolder(), 'shared.pid');
	// Start Node directly: through the first line of the file, the process would be env(1) for a moment.
	const startupCommand = [process.execPath, fixture('well-behaved.mjs')];
	const options = { name: 'well-behaved.mjs', startupCommand, lookFor: 'listening', pidFile };
	const callers = Array.from({ length: 5 }, () => startCaller('waits', options, temporary));
	const said = (await Promise.all(callers.map(caller => caller.next()))) as (Said | { readonly error: string })[];
	const [first, ...more] = said.filter(each => 'pid' in each);
	expect(more).toEqual([]);
	const errors = said.flatMap(each => ('error' in each ? [each.error] : []));
	const who = `AlreadyRunningError: well-behaved.mjs is already running as pid ${first?.pid}`;
	expect(errors.map(text => text.split('\n')[0])).toEqual(Array(4).fill(who));
	expect(errors[0]).toContain(`  pid file     ${pidFile}\n  command      ${startupCommand.join(' ')}`);
	expect(readFileSync(pidFile, 'utf8')).toBe(`${first?.pid}\n`);
	await Promise.all(callers.map(caller => killCaller(caller, 'SIGKILL')));
	await expectNothingLeft([first?.pid ?? 0], temporary);
	expect(existsSync(pidFile)).toBe(false);
});

test('a daemon that was released outlives its caller, and so does its temporary folder', async () => {
	const temporary = temporaryFolder();
	const caller = startCaller('a release', wellBehaved, temporary);
	const ended = once(caller.process, 'exit');
	const { pid, dir } = (await caller.next()) as Said;
	expect(await ended).toEqual([0, null]);
	// Its reaper has closed the registry and has ended without looking at the daemon.
	await eventually(() => readdirSync(temporary).length === 1);
	expect(readdirSync(temporary)).toEqual([basename(dir)]);
	expect(isGone(pid)).toBe(false);
	process.kill(pid, 'SIGKILL');
	await eventually(() => isGone(pid));
});

test('a process that vitest did not fork keeps its daemon when it closes its own IPC channel', async () => {
	const temporary = temporaryFolder();
	const script = fileURLToPath(new URL('../callers/dies.mjs', import.meta.url));
	const caller = fork(script, ['waits', JSON.stringify(wellBehaved)], {
		env: { ...process.env, TMPDIR: temporary, VITEST: 'true', VITEST_POOL_ID: '1' },
		stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
	});
	const gone = once(caller, 'exit');
	onTestFinished(() => void caller.kill('SIGKILL'));
	const said = await firstWords(caller);
	const family = familyOf(JSON.parse(said) as Said);
	const reaper = await reaperOf(caller.pid);
	caller.disconnect();
	const ended = pollUntil(() => [...family, reaper].some(isGone));
	expect(await settlesWithin(ended, 500)).toBe(false);
	caller.kill('SIGKILL');
	await gone;
	await ended;
	await expectNothingLeft(family, temporary);
});
