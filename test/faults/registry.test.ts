/** Another user forges the registry: neither the reaper nor the sweep believes anything in it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { identify } from '../../src/process/identity.ts';
import { spawnReaper } from '../../src/reaper/spawn-reaper.ts';
import { makeCallerFolder, nameCallerFolder } from '../../src/registry/caller-folder.ts';
import { REGISTRY } from '../../src/registry/folder.ts';
import { program } from '../setup/built-program.ts';
import { runCaller } from '../support/callers.ts';
import { killCaller, reaperOf, type Said, startCaller } from '../support/doomed-callers.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';
import { onTestFinished } from '../support/this-test.ts';

const isRoot = process.getuid?.() === 0;
const TIMES = 20;

/** A shared folder for temporary files, with a folder and a process of ours that forged entries would harm. */
function danger() {
	const shared = temporaryFolder();
	chmodSync(shared, 0o1777);
	const victim = spawn('sleep', ['1000'], { stdio: 'ignore' });
	onTestFinished(() => end(victim));
	const folder = join(shared, 'withdaemon-victim');
	mkdirSync(folder, { mode: 0o700 });
	const proof = join(shared, 'obeyed');
	const identity = identify(victim.pid ?? 0) ?? expect.unreachable();
	const [marker, pidFile] = ['0123456789abcdef', join(shared, 'pid')];
	const request = {
		kind: 'program',
		argv: ['sh', '-c', 'touch "$0"; kill "$1"', proof, String(victim.pid)],
		cwd: '/',
		env: {},
	};
	const run = { name: 'forged', marker, pidFile, request, killMode: 'process', shutdownTimeout: 5000 };
	const launched = { marker, identity, launcher: identity, since: { pid: identity.pid, forks: 0 } };
	const forged = [{ folder }, { run }, { launched }].map(fact => JSON.stringify(fact)).join('\n');
	const harm = () => [
		...(existsSync(folder) ? [] : ['the folder was removed']),
		...(existsSync(proof) ? ['the command was run'] : []),
		...(isGone(victim.pid ?? 0) ? ['the process was ended'] : []),
	];
	return { shared, forged, harm };
}

async function end(child: ChildProcess): Promise<void> {
	const gone = once(child, 'exit');
	if (child.kill('SIGKILL')) await gone;
}

/** Gives the registry to the other user, from this level on. */
function forge(caller: string, text: string, level: 'registry' | 'machine' | 'caller' | 'entry'): void {
	mkdirSync(caller, { recursive: true, mode: 0o700 });
	const entry = join(caller, 'forged.jsonl');
	writeFileSync(entry, `${text}\n`, { mode: 0o600 });
	const levels = { registry: dirname(dirname(caller)), machine: dirname(caller), caller, entry };
	const names = Object.keys(levels);
	for (const [name, path] of Object.entries(levels))
		if (names.indexOf(name) >= names.indexOf(level)) chownSync(path, 65534, 65534);
}

test.skipIf(!isRoot)(
	'a registry of another user is not believed by a reaper, whatever the reaper was sent (as root)',
	async () => {
		const { forged, harm, shared } = danger();
		for (let time = 1; time <= TIMES; time += 1) {
			const level = (['registry', 'machine', 'caller', 'entry'] as const)[time % 4] ?? 'registry';
			const caller = nameCallerFolder(join(shared, REGISTRY));
			forge(caller, forged, level);
			const reaper = await spawnReaper(caller);
			reaper.socket(0).end(['', 'refused\n', 'ready\n'][time % 3] ?? '');
			await reaper.gone;
			expect([level, harm()]).toEqual([level, []]);
			rmSync(dirname(dirname(caller)), { recursive: true, force: true });
		}
		// In our own registry, all of this would have been believed.
		const caller = nameCallerFolder(join(shared, REGISTRY));
		makeCallerFolder(caller).close();
		writeFileSync(join(caller, 'own.jsonl'), forged, { mode: 0o600 });
		const reaper = await spawnReaper(caller);
		reaper.socket(0).end('ready\n');
		await reaper.gone;
		expect(harm()).toHaveLength(3);
	},
);

test.skipIf(!isRoot)(
	'a start that finds a registry of another user is refused, and believes nothing in it (as root)',
	async () => {
		const { forged, harm, shared } = danger();
		const living = nameCallerFolder(join(shared, REGISTRY));
		// Also the folder of a dead caller, which a sweep would clean up.
		forge(join(dirname(living), '4194304.12345.0a1b2c3d'), forged, 'registry');
		const { output } = await runCaller('says-error.mjs', ['sleep'], ['env', `TMPDIR=${shared}`]);
		expect(JSON.parse(output).message).toContain(`${dirname(dirname(living))} belongs to the user 65534`);
		expect(harm()).toEqual([]);
		expect(readdirSync(dirname(living))).toEqual(['4194304.12345.0a1b2c3d']);
		rmSync(join(shared, REGISTRY), { recursive: true });
	},
);

test.skipIf(!isRoot)(
	'a registry that another user replaced while a daemon runs is not believed (as root)',
	async () => {
		const { forged, harm, shared } = danger();
		const options = { startupCommand: [fixture('is-ready.sh')], lookFor: 'ready' };
		const caller = startCaller('waits', options, shared);
		const { pid } = (await caller.next()) as Said;
		onTestFinished(() => void process.kill(pid, 'SIGKILL'));
		const registry = join(shared, REGISTRY);
		const [machine = ''] = readdirSync(registry);
		const [name = ''] = readdirSync(join(registry, machine));
		renameSync(registry, join(shared, 'tidied-away'));
		forge(join(registry, machine, name), forged, 'registry');
		const reaper = await reaperOf(caller.process.pid);
		await killCaller(caller, 'SIGKILL');
		await vi.waitUntil(() => isGone(reaper), { timeout: 60_000 });
		expect(harm()).toEqual([]);
		expect(readdirSync(join(registry, machine, name))).toEqual(['forged.jsonl']);
	},
);

test('an entry that names its reader, an ancestor, or a folder that no daemon made, is ignored', async () => {
	const { forged, harm, shared } = danger();
	const caller = nameCallerFolder(join(shared, REGISTRY));
	mkdirSync(caller, { recursive: true, mode: 0o700 });
	const other = join(shared, 'precious');
	mkdirSync(other);
	const ours = identify(process.pid) ?? expect.unreachable();
	const launched = JSON.parse(forged.split('\n')[2] ?? '').launched;
	const facts = [{ folder: other }, { launched: { ...launched, identity: ours, launcher: ours } }];
	const life = forged.split('\n')[1] ?? '';
	writeFileSync(join(caller, '0.jsonl'), `${life}\n${facts.map(fact => JSON.stringify(fact)).join('\n')}\n`);
	const awake = spawn(process.execPath, [program, caller], { stdio: 'ignore' });
	// It ends itself when all is done.
	expect(await once(awake, 'exit')).toEqual([null, 'SIGKILL']);
	expect(harm()).toEqual([]);
	expect(existsSync(other)).toBe(true);
});
