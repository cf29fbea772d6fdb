import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { identify, type ProcessIdentity } from '../../src/process/identity.ts';
import { readProcess } from '../../src/process/table.ts';
import { ASK, describeDaemon, LISTEN } from '../../src/reaper/first-signal.ts';
import { readEntry } from '../../src/registry/entry.ts';
import type { LaunchRecord, RunRecord } from '../../src/registry/fact.ts';
import {
	eventually,
	expectNothingLeft,
	familyOf,
	killCaller,
	replaceReaper,
	type Said,
	startCaller,
} from '../support/doomed-callers.ts';
import { firstWords } from '../support/first-words.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { isGone, ps } from '../support/processes.ts';
import { onTestFinished } from '../support/this-test.ts';

const shells = [
	['dash', []],
	['bash', ['--posix']],
	['busybox', ['sh']],
].flatMap(([name, flags]) => {
	const path = spawnSync('which', [String(name)], { encoding: 'utf8' }).stdout.trim();
	return path === '' ? [] : [{ name, argv: [path, ...(flags as string[])] as [string, ...string[]] }];
});

/** A process in a session of its own, and the folder of a caller with its entry. */
async function daemonOf(script = 'echo; exec sleep 1000') {
	const child = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
	const gone = once(child, 'exit');
	onTestFinished(async () => {
		child.kill('SIGKILL');
		await gone;
	});
	const said = await firstWords(child);
	const folder = temporaryFolder();
	const entry = '0123456789ab';
	writeFileSync(join(folder, `${entry}.jsonl`), '', { mode: 0o600 });
	const identity = identify(child.pid ?? 0) ?? expect.unreachable();
	return {
		gone,
		folder,
		entry,
		identity,
		said: said.trim(),
		facts: () => readEntry(join(folder, `${entry}.jsonl`)),
	};
}

function lineOf(identity: ProcessIdentity, run: Partial<RunRecord> = {}, slot = 0, launcher = identity) {
	const record = { killMode: 'group', request: { kind: 'signal', signal: 'SIGTERM' }, ...run } as RunRecord;
	return describeDaemon(slot, '0123456789ab', record, { identity, launcher } as LaunchRecord);
}

/** Runs the script until it would become Node. Returns its complaints if it did not get that far. */
function wake([shell, ...flags]: [string, ...string[]], folder: string, input: string, before = ''): string {
	const script = [before, ...LISTEN, ...ASK, 'echo done'].join('\n');
	const options = { input, encoding: 'utf8', timeout: 60_000 } as const;
	const { stdout, stderr } = spawnSync(shell, [...flags, '-c', script, 'sh', folder], options);
	return stdout === 'done\n' ? 'done' : `${stdout}${stderr}`;
}

describe.each(shells)('in $name, the sleeping reaper', ({ argv }) => {
	test('asks a daemon that it was told of, and notes it', async () => {
		const { gone, folder, identity, facts } = await daemonOf();
		expect(wake(argv, folder, `ready\n${lineOf(identity)}`)).toBe('done');
		expect(await gone).toEqual([null, 'SIGTERM']);
		const { pid } = identity;
		expect(facts().asked).toEqual([{ ...identity, pgid: pid, inSessionAt: expect.any(Number) }]);
		expect(facts().asked[0]?.inSessionAt).toBeGreaterThanOrEqual(Number(identity.startTime));
	});

	test('continues a daemon that is paused', async () => {
		const { gone, folder, identity } = await daemonOf();
		process.kill(identity.pid, 'SIGSTOP');
		await eventually(() => readProcess(identity.pid)?.state === 'T');
		expect(wake(argv, folder, lineOf(identity) ?? '')).toBe('done');
		expect(await gone).toEqual([null, 'SIGTERM']);
	});

	test('sends the signal to the daemon alone, if its kill mode says so', async () => {
		const { gone, folder, identity, said, facts } = await daemonOf('sleep 1000 >&2 & echo $!; wait');
		onTestFinished(() => void process.kill(Number(said), 'SIGKILL'));
		expect(wake(argv, folder, lineOf(identity, { killMode: 'process' }) ?? '')).toBe('done');
		expect(await gone).toEqual([null, 'SIGTERM']);
		expect(isGone(Number(said))).toBe(false);
		expect(facts().asked).toMatchObject([{ pgid: 0 }]);
	});

	test('notes no moment in the session of the launcher for a daemon that has its own', async () => {
		const { gone, folder, identity, facts } = await daemonOf();
		expect(wake(argv, folder, lineOf(identity, {}, 0, { pid: 2 ** 22, startTime: '1' }) ?? '')).toBe('done');
		expect(await gone).toEqual([null, 'SIGTERM']);
		expect(facts().asked).toMatchObject([{ pgid: identity.pid, inSessionAt: 0 }]);
	});

	test('asks a daemon, too, that leaves its group before the group is signalled', async () => {
		const fifo = join(temporaryFolder(), 'fifo');
		const leaver = `echo $$; read -r go <"${fifo}"; exec setsid sleep 1000 >&2`;
		const { gone, folder, identity, said } = await daemonOf(`mkfifo "${fifo}"; sh -c '${leaver}' & wait`);
		const daemon = identify(Number(said)) ?? expect.unreachable();
		onTestFinished(() => isGone(daemon.pid) || process.kill(daemon.pid, 'SIGKILL'));
		const leave = [
			`kill() { [ ! -p "${fifo}" ] || leave; command kill "$@"; }`,
			`leave() { echo >"${fifo}"; rm "${fifo}"; until [ "$(cut -d ' ' -f 5 /proc/${said}/stat)" = ${said} ]; do :; done; }`,
		].join('\n');
		expect(wake(argv, folder, lineOf(daemon, {}, 0, identity) ?? '', leave)).toBe('done');
		expect(await gone).toEqual([null, 'SIGTERM']);
		await eventually(() => isGone(daemon.pid));
		expect(isGone(daemon.pid)).toBe(true);
	});

	test('asks 500 daemons, and forgets one whose slot another has got', async () => {
		const { gone, folder, identity } = await daemonOf();
		const others = Array.from({ length: 499 }, (_, index) =>
			lineOf({ pid: 2 ** 22 + index, startTime: '1' }, {}, index),
		);
		const former = lineOf({ pid: process.pid, startTime: identify(process.pid)?.startTime ?? '' }, {}, 499);
		expect(wake(argv, folder, [...others, former, lineOf(identity, {}, 499)].join(''))).toBe('done');
		expect(await gone).toEqual([null, 'SIGTERM']);
	});

	test('harms nobody and goes on, whatever the lines say', async () => {
		const { folder, identity, entry } = await daemonOf();
		const proof = join(folder, 'obeyed');
		const good = lineOf(identity)?.slice(2, -1) ?? expect.unreachable();
		const { pid, startTime } = identity;
		symlinkSync(join(folder, 'target'), join(folder, 'aaaaaaaaaaaa.jsonl'));
		writeFileSync(join(folder, 'target'), '');
		const own = ps(process.pid, 'pgid')[0];
		const wrong = [
			// It has ended, and another process has its pid.
			`1 ${entry} ${pid} ${Number(startTime) - 1} ${pid} group 15`,
			// It is over or was released, or its entry is no file of the caller's.
			`1 bbbbbbbbbbbb ${pid} ${startTime} ${pid} group 15`,
			`1 aaaaaaaaaaaa ${pid} ${startTime} ${pid} group 15`,
			`1 ../${entry} ${pid} ${startTime} ${pid} group 15`,
			`1 * ${pid} ${startTime} ${pid} group 15`,
			// Init, every process, and the group of the reaper.
			`1 ${entry} 1 ${readProcess(1)?.startTime} 1 group 15`,
			`1 ${entry} -1 ${startTime} 1 group 15`,
			`1 ${entry} 0 ${startTime} 0 group 15`,
			`1 ${entry} -${own} ${startTime} ${own} group 15`,
			`1 ${entry} ../${pid} ${startTime} ${pid} group 15`,
			// No line that a caller would write.
			`1 ${entry} ${pid} ${startTime} ${pid} group`,
			`1 ${good} 15`,
			`1 ${entry} ${pid} ${startTime} ${pid} group TERM;touch ${proof}`,
			`1 $(touch\${IFS}${proof}) ${pid} ${startTime} ${pid} group 15`,
			`1;touch\${IFS}${proof} ${good}`,
			`01 ${good}`,
			`09 ${good}`,
			`999999999999999999999999 ${good}`,
			`x ${good}`,
			`-1 ${good}`,
			` `,
			'\0',
			// The caller died while it wrote.
			`1 ${good}`,
		];
		for (const line of wrong)
			expect([line, wake(argv, folder, `${line}${line === wrong.at(-1) ? '' : '\n'}`)]).toEqual([line, 'done']);
		expect(isGone(pid)).toBe(false);
		expect(existsSync(proof)).toBe(false);
		expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('');
		expect(readFileSync(join(folder, `${entry}.jsonl`), 'utf8')).toBe('');
	});
});

test.skipIf(process.getuid?.() !== 0)(
	'the sleeping reaper asks nobody by an entry that belongs to another user (as root)',
	async () => {
		const { folder, identity, entry } = await daemonOf();
		const path = join(folder, `${entry}.jsonl`);
		chownSync(path, 65534, 65534);
		for (const { argv } of shells) expect(wake(argv, folder, lineOf(identity) ?? '')).toBe('done');
		expect(isGone(identity.pid)).toBe(false);
		expect(readFileSync(path, 'utf8')).toBe('');
	},
);

test('a daemon is left to Node if it gets no signal, or one that needs care, or has no start time', async () => {
	const identity = { pid: 42, startTime: '7' };
	expect(lineOf(identity)).toBe('1 0123456789ab 42 7 42 group 15\n');
	const program = { kind: 'program', argv: ['true'], cwd: '/', env: {} } as const;
	expect(lineOf(identity, { request: program })).toBeUndefined();
	for (const signal of ['SIGKILL', 'SIGSTOP', 'SIGTSTP', 'SIGCONT'] as const)
		expect(lineOf(identity, { request: { kind: 'signal', signal } })).toBeUndefined();
	expect(lineOf({ pid: 42, startTime: 'ended at once' })).toBeUndefined();
	expect(lineOf(identity, {}, 99_999)).toBeUndefined();
});

/** Notes each SIGTERM in $1 and then what the registry in $0 says. It ends a second after the first one. */
const witness = [
	`trap 'echo asked >>"$1"' TERM; echo ready; until [ -s "$1" ]; do sleep 0.1; done`,
	'until cat "$0"/withdaemon-*/*/*/*.jsonl >"$1.registry"; do :; done',
	'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; done',
].join('\n');

describe('a daemon whose caller is killed', () => {
	test.concurrent.each([
		['is asked once, by the sleeping reaper', {}],
		['is asked once, if the signal is for itself alone', { killMode: 'process' }],
		['is asked once, if its PID file names it', { forking: true }],
		['is asked once, by a reaper that has replaced another one', {}, 'replaced'],
	] as const)('%s', async (_, options, isReplaced?: string) => {
		const [temporary, note] = [temporaryFolder(), join(temporaryFolder(), 'note')];
		const argv = ['sh', '-c', witness, temporary, note];
		const forks = ['sh', '-c', '"$@" & echo $! >"$0"', '{pidFile}', 'setsid', ...argv];
		const startupCommand = 'forking' in options ? forks : argv;
		const caller = startCaller('waits', { startupCommand, lookFor: 'ready', ...options }, temporary);
		const { pid } = (await caller.next()) as Said;
		if (isReplaced) await replaceReaper(caller);
		await killCaller(caller, 'SIGKILL');
		await expectNothingLeft([pid], temporary);
		expect(readFileSync(note, 'utf8')).toBe('asked\n');
		expect(readFileSync(`${note}.registry`, 'utf8')).toContain(`{"asked":{"pid":${pid},`);
	});

	test.concurrent('leaves a server behind that was asked with it, and has its time to close', async () => {
		const [temporary, note] = [temporaryFolder(), join(temporaryFolder(), 'note')];
		const server = `trap 'echo asked >>"$0"' TERM; echo ready; until [ -s "$0" ]; do sleep 0.1; done
			for i in 1 2 3 4 5; do sleep 0.1; done; echo closed >>"$0"`;
		const startupCommand = ['sh', '-c', 'sh -c "$0" "$1" & echo "children $!"; wait', server, note];
		const caller = startCaller('waits', { startupCommand, lookFor: 'ready' }, temporary);
		const family = familyOf((await caller.next()) as Said);
		expect(family).toHaveLength(2);
		await killCaller(caller, 'SIGKILL');
		await expectNothingLeft(family, temporary);
		expect(readFileSync(note, 'utf8')).toBe('asked\nclosed\n');
	});
});
