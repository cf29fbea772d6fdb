/** What can happen to daemons that have outlived the program that started them. */
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, type TestContext, test } from 'vitest';
import { runCaller } from '../support/callers.ts';
import { CLI } from '../support/cli.ts';
import { isGone } from '../support/processes.ts';
import { POLL, type ReleasingCheckout, releasing } from '../support/released.ts';

const CONFIG = 'withdaemon.config.json';
const sleeper = { startupCommand: 'echo ready; exec sleep 1000', lookFor: 'ready', timeout: 300_000 };

/** A daemon that was started there, and the path of its entry. */
async function startApi(context: TestContext): Promise<{ checkout: ReleasingCheckout; pid: number; entry: string }> {
	const checkout = releasing(context, { [CONFIG]: { api: sleeper } });
	const { output } = await checkout.run(['start']);
	const pid = Number(/, pid (\d+)/.exec(output)?.[1]);
	// The pid 0 would stand for the process group of this test.
	expect(pid).toBeGreaterThan(1);
	const [entry = ''] = checkout.paths().filter(path => path.endsWith('.jsonl'));
	return { checkout, pid, entry: join(checkout.folder, 'tmp', entry) };
}

/** Changes the entry, and returns a function that restores it, so that the daemon can be ended. */
function edit(entry: string, change: (text: string) => string): () => void {
	const before = readFileSync(entry, 'utf8');
	expect(change(before)).not.toBe(before);
	writeFileSync(entry, change(before));
	return () => writeFileSync(entry, before);
}

/** For more kills: `npm run soak:kills`. */
test('start, stop and restart, killed at random moments, leave daemons that are fully noted, or nothing', {
	timeout: 400_000,
}, async () => {
	const { output, errors, code } = await runCaller('../../soak/cli-kills.mjs', ['--kills', '3']);
	expect(output + errors).toMatch(/\nleft after a stop: nothing\nneither noted nor ended: 0\n$/);
	expect(code).toBe(0);
});

test('a daemon that one shell of a CI job started outlives it, and the next one, which is killed, and a third one stops it', async context => {
	const { folder, status, run } = releasing(context, { [CONFIG]: { api: sleeper } });
	const env = { ...process.env, TMPDIR: join(folder, 'tmp'), WITHDAEMON: `${process.execPath} ${CLI}` };
	const job = { RUNNER_TRACKING_ID: 'github_1' };
	const options = { cwd: folder, env: { ...env, ...job } };
	const shell = (script: string) => promisify(execFile)('setsid', ['-w', 'sh', '-c', script], options);
	// Its output is a pipe, which a daemon that held it would keep open: the shell would not be over.
	expect((await shell('$WITHDAEMON start --outlive-job')).stdout).toMatch(/^api is ready/);
	const { pid } = await status('api');
	// The runner of GitHub ends what has its own value there, at the end of a job.
	expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).toContain('RUNNER_TRACKING_ID=dontKillMe\0');
	await expect(shell('$WITHDAEMON status && kill -9 0')).rejects.toMatchObject({
		stdout: expect.stringMatching(/ready/),
	});
	expect(await status('api')).toMatchObject({ state: 'ready', pid });
	expect((await shell('$WITHDAEMON stop')).stdout).toMatch(/nothing is left/);
	expect(isGone(Number(pid))).toBe(true);
	expect(await run(['status'])).toMatchObject({ code: 3 });
});

test('another process that has the pid of a released daemon is not taken for it, and is not signalled', async context => {
	const { checkout, pid, entry } = await startApi(context);
	const restore = edit(entry, text => text.replace(/("identity":\{"pid":\d+,"startTime":")/, '$11'));
	const status = await checkout.run(['status']);
	expect(status).toMatchObject({ code: 3, output: expect.stringContaining(`another process has its pid ${pid} now`) });
	restore();
	expect(await checkout.status('api')).toMatchObject({ state: 'ready', pid });
});

test('after a reboot a released daemon is dead, clean removes its entry and files, and no process is touched', async context => {
	const { checkout, pid, entry } = await startApi(context);
	edit(entry, text => text.replace(/"boot":"[^"]*"/, '"boot":"another"'));
	context.onTestFinished(() => void process.kill(pid, 'SIGKILL'));
	expect((await checkout.run(['status'])).output).toContain('the machine has rebooted since');
	const cleaned = await checkout.run(['clean']);
	expect(cleaned).toMatchObject({ code: 0, output: expect.stringContaining('the machine has rebooted since') });
	expect(checkout.paths().filter(path => /api/.test(path))).toEqual([]);
	expect(isGone(pid)).toBe(false);
});

test('a released daemon of another container or host is shown as that, and neither stopped nor cleaned', async context => {
	const { checkout, pid, entry } = await startApi(context);
	const restore = edit(entry, text => text.replace(/"namespace":"\d*"/, '"namespace":"1"'));
	expect(await checkout.status('api')).toMatchObject({
		state: 'elsewhere',
		why: 'it was started in another container',
	});
	const stopped = await checkout.run(['stop']);
	expect(stopped).toMatchObject({
		code: 4,
		errors: 'api cannot be stopped from here: it was started in another container\n',
	});
	expect(await checkout.run(['clean'])).toMatchObject({ code: 0, output: 'Nothing was left.\n' });
	restore();
	// Another host has booted at another time, which is no reboot of this one.
	const elsewhere = (text: string) => text.replace(/"host":"[^"]*","boot":"[^"]*"/, '"host":"far","boot":"another"');
	const bringBack = edit(entry, elsewhere);
	expect(await checkout.status('api')).toMatchObject({
		state: 'elsewhere',
		why: 'it was started on another host, far',
	});
	expect(await checkout.run(['clean'])).toMatchObject({ code: 0, output: 'Nothing was left.\n' });
	bringBack();
	expect(await checkout.status('api')).toMatchObject({ state: 'ready', pid });
});

test('an entry of a released daemon that others could have written, or in another place, is not believed', async context => {
	const { checkout, pid, entry } = await startApi(context);
	chmodSync(entry, 0o666);
	expect(await checkout.status('api')).toMatchObject({ state: 'stopped', pid: null });
	chmodSync(entry, 0o600);
	const elsewhere = join(dirname(entry), `other-${'0'.repeat(16)}.jsonl`);
	renameSync(entry, elsewhere);
	expect(await checkout.run(['ps'])).toMatchObject({ output: 'Nothing was started.\n' });
	renameSync(elsewhere, entry);
	expect(await checkout.status('api')).toMatchObject({ state: 'ready', pid });
});

test('a released daemon whose folder was removed is stopped all the same, and status says that its log is gone', async context => {
	const { checkout, pid, entry } = await startApi(context);
	const [folder = ''] = readdirSync(dirname(entry)).filter(name => name.startsWith('withdaemon-'));
	rmSync(join(dirname(entry), folder), { recursive: true });
	expect((await checkout.run(['status'])).output).toContain('is gone, and its log with it');
	expect(await checkout.run(['stop'])).toMatchObject({ code: 0, errors: '' });
	expect(isGone(pid)).toBe(true);
	await expect.poll(checkout.paths, POLL).toEqual([]);
});

const hasNamespaces = spawnSync('unshare', ['-Urm', 'true']).status === 0;
const withoutProc = ['-Urm', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh', process.execPath, CLI];

test.skipIf(!hasNamespaces)(
	'without /proc no command takes a released daemon for one that has ended (with namespaces)',
	async context => {
		const { checkout, pid } = await startApi(context);
		const options = { cwd: checkout.folder, env: { ...process.env, TMPDIR: join(checkout.folder, 'tmp') } };
		const commands = [['status'], ['ps'], ['stop'], ['clean'], ['wait', 'api'], ['logs', 'api'], ['restart', 'api']];
		const ends = await Promise.allSettled(
			commands.map(words => promisify(execFile)('unshare', [...withoutProc, ...words], options)),
		);
		const told = / cannot be a daemon on Linux: withdaemon needs \/proc, but it is not mounted, /;
		const refusal = { status: 'rejected', reason: { code: 5, stdout: '', stderr: expect.stringMatching(told) } };
		expect(ends).toMatchObject(commands.map(() => refusal));
		expect(await checkout.status('api')).toMatchObject({ state: 'ready', pid });
	},
);
