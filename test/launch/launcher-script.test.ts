import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, symlinkSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { ExitStatus } from '../../src/index.ts';
import { packEnvironment } from '../../src/launch/environment.ts';
import { CHANNEL, GO, launcherArguments, type ScriptOptions, toExitStatus } from '../../src/launch/launcher-script.ts';
import { makeMarker } from '../../src/survivors/marker.ts';
import { settlesWithin } from '../../src/time/deadline.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';

/** For a daemon that inherits nothing. */
const plain: ScriptOptions = {
	marker: makeMarker(),
	umask: undefined,
	packedCounts: packEnvironment({}),
	keepsSocket: false,
	sockets: 0,
};
/** For the daemon's stderr. */
const nowhere = openSync('/dev/null', 'a');

/** The shells that are /bin/sh somewhere: Debian and Ubuntu, macOS and Fedora, Alpine. */
const shells = ['dash', 'bash', 'busybox'].map(name => ({ name, path: which(name) }));

describe.each(shells)('with $name as /bin/sh', ({ name, path }) => {
	const isMissing = path === undefined && process.env['CI'] === undefined;

	test.skipIf(isMissing).each(['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGQUIT', 'SIGSEGV', 'SIGUSR1', 'SIGPIPE'] as const)(
		`a daemon that %s ended differs from one that exits ${isMissing ? `(${name} is not installed)` : ''}`,
		async signal => {
			expect(await endOf(path, [fixture('exits-at-once.sh'), signal])).toEqual({ code: null, signal });
		},
	);

	test.skipIf(isMissing)('an exit code above 128 is a code', async () => {
		expect(await endOf(path, [fixture('exits-at-once.sh'), '143'])).toEqual({ code: 143, signal: null });
		expect(await endOf(path, [fixture('exits-at-once.sh'), '3'])).toEqual({ code: 3, signal: null });
		expect(await endOf(path, [fixture('exits-at-once.sh'), '0'])).toEqual({ code: 0, signal: null });
	});

	test.skipIf(isMissing)('a launcher that libc has created reports the same, and ends with the daemon', async () => {
		const ends = ['SIGTERM', 'SIGINT', '143'].map(end => endOf(path, [fixture('exits-at-once.sh'), end], true));
		expect(await Promise.all(ends)).toEqual([
			{ code: null, signal: 'SIGTERM' },
			{ code: null, signal: 'SIGINT' },
			{ code: 143, signal: null },
		]);
	});
});

describe.each(shells)('with $name as /bin/sh', ({ path }) => {
	const isMissing = path === undefined && process.env['CI'] === undefined;

	test.skipIf(isMissing).each([0, 2, 5])(
		'%i sockets are passed on, and no other descriptor, whatever its number',
		async sockets => {
			const extra = openSync('/dev/zero', 'r');
			// Node marks inherited descriptors close-on-exec only up to about 15; an addon may open anything.
			const stdio: StdioOptions = [...stdioOf('pipe'), ...Array(3).fill('ignore'), extra, extra];
			stdio.fill(extra, 3, CHANNEL);
			const look =
				'for fd in 3 4 5 6 7 8 9 10 11 12 13 14; do [ ! -e /proc/$$/fd/$fd ] || echo $fd; done; echo $LISTEN_PID $$';
			const args = launcherArguments('test', ['/bin/sh', '-c', look], { ...plain, sockets });
			const launcher = spawn(join(shellFolder(path), 'sh'), args, { detached: true, stdio });
			closeSync(extra);
			const said = text(launcher.stdout as Readable);
			for await (const words of channelOf(launcher).setEncoding('latin1')) if (/^exit /m.test(words)) break;
			launcher.kill('SIGKILL');
			const lines = (await said).trim().split(/\s+/);
			const pid = sockets === 0 ? [] : [lines.at(-1)];
			expect(lines).toEqual([...['3', '4', '5', '6', '7'].slice(0, sockets), ...pid, expect.stringMatching(/^\d+$/)]);
		},
	);
});

describe.each(shells)('with $name as /bin/sh', ({ path }) => {
	const isMissing = path === undefined && process.env['CI'] === undefined;
	/** What shells set, act upon or refuse to change. */
	const hostile = {
		...{ TMOUT: '1', ENV: '/no/such/file', BASH_ENV: '/no/such/file', POSIXLY_CORRECT: '1', IFS: 'i', PS4: '$(exit)' },
		...{
			SHELLOPTS: 'xtrace',
			BASHOPTS: 'extdebug',
			'BASH_FUNC_echo%%': '() { exit 1; }',
			PPID: '7',
			UID: '7',
			EUID: '7',
		},
		...{
			LC_ALL: 'xx_XX',
			LANG: 'xx_XX',
			OPTIND: 'x',
			RANDOM: '7',
			LINENO: 'x',
			SECONDS: '7',
			CDPATH: '/',
			GLOBIGNORE: '*',
		},
		...{
			PWD: '/no/such/folder',
			SHLVL: '41',
			'odd.name': 'odd',
			'1': 'one',
			TEXT: 'a\n"b" $c `d` \\ \'e\'',
			EMPTY: '',
			a: 'a',
		},
	};

	test.skipIf(isMissing)('a daemon has the environment that it was given, and nothing of the shells', async () => {
		for (const env of [hostile, { PLAIN: '1', TMOUT: '1' }, {}])
			expect(new Set(await environmentOf(path, env))).toEqual(new Set(Object.entries(env).map(pair => pair.join('='))));
	});

	test.skipIf(isMissing)('a thousand variables pass', async () => {
		const env = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`NAME_${index}`, `value ${index}`]));
		expect(await environmentOf(path, env)).toHaveLength(1000);
	});
});

/** The environment of a daemon if every shell is this one, without the variables that bash always adds. */
async function environmentOf(shell: string | undefined, env: NodeJS.ProcessEnv): Promise<string[]> {
	const folder = shellFolder(shell);
	const packed = packEnvironment(env);
	const planned = launcherArguments('test', ['/usr/bin/env', '-0'], { ...plain, packedCounts: packed });
	const args = planned.map(argument => argument.replaceAll('/bin/sh', join(folder, 'sh')));
	const launcher = spawn(join(folder, 'sh'), args, {
		detached: true,
		env: packed.env,
		stdio: stdioOf('pipe'),
	});
	const output = text(launcher.stdout as Readable);
	// The process also holds its output.
	for await (const words of channelOf(launcher).setEncoding('latin1')) if (/^exit /m.test(words)) break;
	launcher.kill('SIGKILL');
	const said = await output;
	return said.split('\0').filter(variable => !/^(?:$|_=|SHLVL=0$)/.test(variable));
}

/** Starts a launcher whose daemon has nothing to do. */
function launchNothing({ keepsSocket }: { keepsSocket: boolean }): ChildProcess {
	const args = launcherArguments('test', ['/bin/sh', '-c', ':'], { ...plain, keepsSocket });
	return spawn('/bin/sh', args, { detached: true, stdio: stdioOf('ignore') });
}

test('output that nobody reads does not end the launcher, and its group stays held', async () => {
	const launcher = launchNothing({ keepsSocket: true });
	const gone = once(launcher, 'exit');
	const socket = channelOf(launcher);
	socket.write('what the daemon\nwas to do\n');
	let said = '';
	for await (const text of socket.setEncoding('latin1').iterator({ destroyOnReturn: false })) {
		said += text;
		if (/^exit 0\n/m.test(said)) break;
	}
	expect(await settlesWithin(gone, 200)).toBe(false);
	// The caller is gone.
	socket.destroy();
	await gone;
});

/** Nobody else uses it; the limit does not hold for root. */
const stranger = process.getuid?.() === 0 ? ['setpriv', '--reuid=64998', '--clear-groups'] : [];
const limited = [...stranger, 'prlimit', '--nproc=1'];
const [limiter = '', ...limiterArguments] = limited;
const canLimit = spawnSync(limiter, [...limiterArguments, 'true']).status === 0;

// bash would try again for 15 s.
test.skipIf(!canLimit).each(['dash', 'busybox sh'].filter(shell => which(shell.split(' ')[0] ?? '')))(
	'%s says that it cannot fork, wherever it has to',
	async shell => {
		const said = [true, false].map(async isNative => {
			const args = launcherArguments('test', ['true'], { ...plain, isNative });
			// To close a descriptor above 9, these shells fork already before they read anything.
			const stdio: StdioOptions = [...stdioOf('ignore'), ...Array(3).fill(nowhere)];
			const launcher = spawn(limiter, [...limiterArguments, ...shell.split(' '), ...args], { stdio });
			// The other one waits for no word and may have ended: EPIPE would close the socket before it is read.
			const socket = isNative ? channelOf(launcher) : ((launcher.stdio as readonly unknown[])[CHANNEL] as Socket);
			return await text(socket);
		});
		for (const words of await Promise.all(said)) expect(words).toMatch(/can(?:no|')t fork/i);
	},
);

test('there is no daemon if the caller dies before it says go', async () => {
	const launcher = launchNothing({ keepsSocket: false });
	const socket = (launcher.stdio as readonly unknown[])[CHANNEL] as Socket;
	socket.end();
	expect(await text(socket)).toBe('');
});

/** What the launcher writes to fd 8 if this shell runs it under the name `sh`. */
async function endOf(shell: string | undefined, argv: readonly string[], isNative = false): Promise<ExitStatus> {
	const folder = shellFolder(shell);
	const args = launcherArguments('test', argv, { ...plain, isNative });
	const launcher = spawn(join(folder, 'sh'), args, {
		detached: true,
		stdio: stdioOf('ignore'),
	});
	const gone = once(launcher, 'exit');
	const socket = channelOf(launcher);
	let said = '';
	for await (const text of socket.setEncoding('latin1')) {
		said += text;
		const end = /^exit (\d+)\n/m.exec(said);
		// It stays for its caller, whom this socket stands for, unless its zombie does.
		if (end && isNative) await gone;
		if (end) return toExitStatus(Number(end[1]), said.replace(/^[\s\S]*?^pid \d+\n|^exit \d+\n/gm, '').trim());
	}
	return expect.unreachable(`the launcher only said ${said}`);
}

function channelOf(launcher: ChildProcess): Socket {
	const channel = (launcher.stdio as readonly unknown[])[CHANNEL] as Socket;
	channel.write(GO);
	return channel;
}

/** As `launch()` hands them to the launcher: no sockets, then the launcher's own two. */
function stdioOf(stdout: 'pipe' | 'ignore'): (number | 'pipe' | 'ignore')[] {
	const between = Array<'ignore'>(CHANNEL - 3).fill('ignore');
	return ['ignore', stdout, 'ignore', ...between, 'pipe', nowhere];
}

/** A folder in which this shell is called `sh`. */
function shellFolder(shell: string | undefined): string {
	const folder = join(temporaryFolder(), 'bin');
	mkdirSync(folder);
	symlinkSync(shell ?? 'missing', join(folder, 'sh'));
	return folder;
}

function which(name: string): string | undefined {
	const found = spawnSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' }).stdout.trim();
	return existsSync(found) ? found : undefined;
}
