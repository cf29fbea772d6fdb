/** A daemon that lost the port that was chosen for it is started once more. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import { type CoreOptions, Daemon, StartupError, withDaemons } from '../../src/index.ts';
import { Runs } from '../../src/lifecycle/runs.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { freePort, listenOn } from '../support/ports.ts';
import { isGone } from '../support/processes.ts';
import { onTestFinished } from '../support/this-test.ts';

/** A daemon, and what its logger was warned of. */
function make(options: Partial<CoreOptions>, folder = temporaryFolder()) {
	const warnings: string[] = [];
	const logger = { debug: () => {}, info: () => {}, error: () => {}, warn: (line: string) => void warnings.push(line) };
	const [pidFile, logFile] = [join(folder, 'daemon.pid'), join(folder, 'daemon.log')];
	const env = { PORT: '{port}' };
	const given = { name: 'x', pidFile, logFile, lookFor: /^ready/, port: 'auto', env, logger, ...options } as const;
	const daemon = new Daemon({ startupCommand: [fixture('listens-late.mjs'), '{port}', folder], ...given });
	onTestFinished(() => daemon[Symbol.asyncDispose]().catch(() => {}));
	return { daemon, folder, warnings };
}

/** Listens on the port of a daemon that only waits for that. */
async function steal(folder: string): Promise<number> {
	await expect.poll(() => existsSync(join(folder, 'port'))).toBe(true);
	const port = Number(readFileSync(join(folder, 'port')));
	await listenOn(port, '127.0.0.1');
	writeFileSync(join(folder, 'go'), '');
	return port;
}

/** Writes to the log that the given port is in use, and counts its runs in the log of another file. */
const fails = (line: string, runs: string) => ['sh', '-c', `echo "$$" >> "$0"; echo "${line}"; exit 1`, runs];
const countRuns = (runs: string) => readFileSync(runs, 'utf8').split('\n').length - 1;

test('the daemon gets another port, and nothing is left of the first attempt', async () => {
	const { daemon, folder, warnings } = make({});
	const starting = daemon.startup();
	const port = await steal(folder);
	const first = Number(daemon.pid);
	await starting;
	expect(daemon.port).not.toBe(port);
	expect(readFileSync(join(folder, 'port'), 'utf8')).toBe(String(daemon.port));
	expect(await text(connect(daemon.port, '127.0.0.1'))).toBe('hello\n');
	expect([isGone(first), daemon.isAlive()]).toEqual([true, true]);
	expect(warnings).toEqual([
		`x exited with code 1, as port ${port} was taken meanwhile: it is started once more, on another port`,
	]);
	await daemon[Symbol.asyncDispose]();
});

test('a later failure tells of the first start, and who has the port', async () => {
	const script = 'if [ -e "$0/go" ]; then echo oops; exit 7; fi; exec "$@"';
	const folder = temporaryFolder();
	const command = [fixture('listens-late.mjs'), '{port}', folder];
	const { daemon } = make({ startupCommand: ['sh', '-c', script, folder, ...command] }, folder);
	const error = daemon.startup().catch((reason: unknown) => reason);
	const port = await steal(folder);
	expect(await error).toBeInstanceOf(StartupError);
	const lines = String(await error).split('\n');
	expect(lines[0]).toBe('StartupError: x exited with code 7 before it was ready');
	expect(lines[1]).toBe(
		`  first start  exited with code 1, as port ${port} was taken meanwhile; it was started once more, on another port`,
	);
	expect(lines[2]).toMatch(new RegExp(`^ {2}port ${port} +${process.pid} \\(this process\\) .* listens on 127.0.0.1`));
	expect(lines[3]).toMatch(new RegExp(`^ {2}it logged +Error: listen EADDRINUSE.*:${port}$`));
	expect(lines.at(-1)).toMatch(/^ {2}log +\| oops$/);
});

test('the error of a daemon that lost its own port tells only once who has it', async () => {
	const { daemon, folder } = make({ port: await freePort() });
	const error = daemon.startup().catch((reason: unknown) => reason);
	const port = await steal(folder);
	const lines = String(await error).split('\n');
	expect(lines.filter(line => line.includes(`it logs that port ${port} is in use`))).toHaveLength(1);
	expect(lines.filter(line => line.startsWith(`  port ${port} `))).toHaveLength(1);
});

test.each(['listen EADDRINUSE: address already in use 127.0.0.1:$PORT', 'bind: Address already in use'])(
	'the word of the log is enough, and there are two attempts, not more: %s',
	async line => {
		const runs = join(temporaryFolder(), 'runs');
		const { daemon, warnings } = make({ startupCommand: fails(line, runs) });
		await expect(daemon.startup()).rejects.toThrow('first start');
		expect([countRuns(runs), warnings.length]).toEqual([2, 1]);
	},
);

test.each([{ line: 'oops, port $PORT' }, { line: 'EADDRINUSE :::$OTHER' }, { line: 'EADDRINUSE', others: ['http'] }])(
	'a daemon that died of something else, or perhaps of another port, is not started again: $line',
	async given => {
		const runs = join(temporaryFolder(), 'runs');
		const other = await freePort();
		const ports = Object.fromEntries((given.others ?? []).map(name => [name, other]));
		const { daemon, warnings } = make({
			startupCommand: fails(given.line, runs),
			env: { PORT: '{port}', OTHER: other },
			ports,
		});
		await expect(daemon.startup()).rejects.not.toThrow('first start');
		expect([countRuns(runs), warnings]).toEqual([1, []]);
	},
);

test('a stranger that listens is enough, whatever the daemon logs', async () => {
	const folder = temporaryFolder();
	const wait = 'echo "$1" > "$0/new"; mv "$0/new" "$0/port"; while [ ! -e "$0/go" ]; do sleep 0.01; done';
	const once = 'if [ -e "$0/second" ]; then exec "$2" "$1"; fi; touch "$0/second"; exit 4';
	const { daemon, warnings } = make(
		{ startupCommand: ['sh', '-c', `${wait}; ${once}`, folder, '{port}', fixture('listens.mjs')] },
		folder,
	);
	const starting = daemon.startup();
	const port = await steal(folder);
	await starting;
	expect(warnings).toEqual([
		`x exited with code 4, as port ${port} was taken meanwhile: it is started once more, on another port`,
	]);
});

test('a task is not started again, as it may have done a part of its work', async () => {
	const runs = join(temporaryFolder(), 'runs');
	const env = { PORT: '{port}' };
	const task = { startupCommand: fails('EADDRINUSE :::$PORT', runs), env, port: 'auto', task: true } as const;
	await expect(withDaemons({ task }, () => {})).rejects.toThrow('exited with code 1');
	expect(countRuns(runs)).toBe(1);
});

test('a child of the daemon that listens is no stranger', async () => {
	const runs = join(temporaryFolder(), 'runs');
	const script = 'echo "$$" >> "$0"; trap "exit 3" USR1; "$1" "$2" & while :; do sleep 0.01; done';
	const { daemon } = make({
		startupCommand: ['sh', '-c', script, runs, fixture('listens.mjs'), '{port}'],
		lookFor: 'never',
	});
	const failed = expect(daemon.startup()).rejects.toThrow(/exited with code 3(?!.*first start)/s);
	// A busy machine may show the log before the pid has been heard.
	await expect.poll(() => daemon.pid).toBeDefined();
	await expect.poll(() => daemon.log.text()).toContain('ready');
	process.kill(Number(daemon.pid), 'SIGUSR1');
	await failed;
	expect(countRuns(runs)).toBe(1);
});

test('a fixed port, and one that a restart keeps, are not replaced', async () => {
	const port = await freePort();
	const runs = join(temporaryFolder(), 'runs');
	const fixed = make({ port, startupCommand: fails('EADDRINUSE :::$PORT', runs) });
	await expect(fixed.daemon.startup()).rejects.toThrow('exited with code 1');
	expect(countRuns(runs)).toBe(1);

	const { daemon, folder, warnings } = make({});
	writeFileSync(join(folder, 'go'), '');
	await daemon.startup();
	const kept = daemon.port;
	daemon.startupCommand = fails(`EADDRINUSE :::${kept}`, runs);
	await expect(daemon.restart()).rejects.toThrow('exited with code 1');
	expect([countRuns(runs), warnings]).toEqual([2, []]);
});

test('a daemon is not started again if nobody can tell what the first attempt has left', async () => {
	const runs = join(temporaryFolder(), 'runs');
	const { daemon, warnings } = make({ startupCommand: fails('EADDRINUSE :::$PORT', runs) });
	const clear = vi.spyOn(Runs.prototype, 'clear').mockRejectedValueOnce(new Error('ENFILE'));
	onTestFinished(() => clear.mockRestore());
	await expect(daemon.startup()).rejects.toThrow(/exited with code 1(?!.*first start)/s);
	expect([countRuns(runs), warnings]).toEqual([1, []]);
});
