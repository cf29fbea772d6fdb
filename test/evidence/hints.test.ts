/** What an error says about the reason if that is certain, as a user sees it. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type DaemonOptions, withDaemon } from '../../src/index.ts';
import { elfFile } from '../support/elf.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { freePort, listenOn, startStranger } from '../support/ports.ts';

/** The rows that explain. Whatever differs from run to run is replaced by a name in brackets. */
async function hintsOf(options: DaemonOptions): Promise<string> {
	const error: unknown = await withDaemon(options, () => new Promise(() => {})).then(
		() => expect.unreachable(),
		(reason: unknown) => reason,
	);
	const rows = /^ {2}(?:hint|port \d+|largest) .*(?:\n {4,}.*)*/gm;
	return ((error as Error).message.match(rows) ?? [])
		.join('\n')
		.replaceAll(process.execPath, 'node')
		.replaceAll(fixture(''), '/project/fixtures/')
		.replace(/\b(went on, as )\d+/g, '$1[pid]')
		.replace(/^( +port )(\d+)( +)\d+/gm, '$1[port]$3[pid]')
		.replace(/(port |mjs )\d+/g, '$1[port]')
		.replace(/since \S+Z/g, 'since [time]');
}

test('a daemon that exits with 0 while its processes go on', async () => {
	const command = fixture('daemonizes-itself.mjs');
	expect(await hintsOf({ startupCommand: [command], lookFor: 'ready' })).toMatchInlineSnapshot(
		`"  hint         it exited with 0, but what it had started went on, as [pid] (/bin/sleep 1000): run it in the foreground, or give \`forking: true\`"`,
	);
});

test('a daemon of a known name that exits with 0 while its processes go on', async () => {
	const folder = temporaryFolder();
	const startAs = async (name: string) => {
		symlinkSync(fixture('daemonizes-itself.mjs'), join(folder, name));
		return await hintsOf({ startupCommand: [join(folder, name)], lookFor: 'ready' });
	};
	expect(await startAs('nginx')).toMatchInlineSnapshot(
		`"  hint         it exited with 0, but what it had started went on, as [pid] (/bin/sleep 1000): run it in the foreground, with \`-g 'daemon off;'\`, or give \`forking: true\`"`,
	);
	expect(await startAs('redis-server')).toMatchInlineSnapshot(
		`"  hint         it exited with 0, but what it had started went on, as [pid] (/bin/sleep 1000): run it in the foreground, with \`--daemonize no\`, or give \`forking: true\`"`,
	);
});

test('a daemon that exits with 0 and leaves nothing is not said to have daemonized itself', async () => {
	expect(await hintsOf({ startupCommand: [fixture('exits-at-once.sh'), '0'], lookFor: 'ready' })).toBe('');
});

test('a program whose loader does not exist', async () => {
	const file = join(temporaryFolder(), 'server');
	writeFileSync(file, elfFile('/lib/ld-none.so.1'), { mode: 0o755 });
	expect(await hintsOf({ startupCommand: [file] })).toMatchInlineSnapshot(
		`"  hint         the file exists, but its loader /lib/ld-none.so.1 does not: it was built for another system, or for another C library"`,
	);
});

test('a port that a daemon needs and another process holds', async () => {
	const port = await freePort();
	await startStranger(port, '127.0.0.1');
	const startupCommand = [fixture('listens.mjs'), String(port)];
	expect(await hintsOf({ startupCommand, lookFor: /^ready/ })).toMatchInlineSnapshot(`
		"  hint         it logs that port [port] is in use, which is true: with \`port: 'auto'\` and {port} in its command or \`env\`, it gets a port of its own
		  port [port]   [pid]   node /project/fixtures/listens.mjs [port] 127.0.0.1   listens on 127.0.0.1, since [time]"
	`);
	// The error itself makes the daemon ready, and then it dies.
	expect(await hintsOf({ startupCommand, lookFor: 'EADDRINUSE' })).toMatchInlineSnapshot(`
		"  hint         it logs that port [port] is in use, which is true: with \`port: 'auto'\` and {port} in its command or \`env\`, it gets a port of its own
		  port [port]   [pid]   node /project/fixtures/listens.mjs [port] 127.0.0.1   listens on 127.0.0.1, since [time]"
	`);
});

test('several ports that are in use, of which the first three are named', async () => {
	const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
	await Promise.all(ports.map(port => listenOn(port, '127.0.0.1')));
	const script = ports.map(port => `echo 'EADDRINUSE: 127.0.0.1:${port}';`).join(' ');
	const hints = await hintsOf({ startupCommand: ['sh', '-c', `${script} exit 1`], lookFor: 'ready' });
	expect(hints.match(/it logs that port/g)).toHaveLength(3);
});

test('a port about which the log is wrong', async () => {
	const port = await freePort();
	const line = `10:22:05 bind() to 127.0.0.1:${port} failed: Address already in use`;
	expect(await hintsOf({ startupCommand: ['sh', '-c', `echo '${line}'; exit 1`], lookFor: 'ready' })).toBe('');
});

test('a daemon that ends because its stdin has ended', async () => {
	const folder = temporaryFolder();
	writeFileSync(join(folder, 'a.js'), '');
	const startupCommand = ['esbuild', 'a.js', '--watch', '--outdir=out'];
	expect(await hintsOf({ startupCommand, lookFor: 'ready to watch', cwd: folder })).toMatchInlineSnapshot(
		`"  hint         it ended because its stdin, /dev/null, is at its end: give \`stdin: 'open'\`"`,
	);
});

test('a daemon in TypeScript, which its Node does not run', async () => {
	const ofLog = (...lines: string[]) =>
		hintsOf({ startupCommand: ['sh', '-c', 'printf "%s\\n" "$@"; exit 1', 'sh', ...lines], lookFor: 'ready' });
	const unknown = 'TypeError [ERR_UNKNOWN_FILE_EXTENSION]: Unknown file extension';
	expect(await ofLog(`${unknown} ".ts" for /project/server.ts`, '', 'Node.js v20.20.2')).toMatchInlineSnapshot(
		`"  hint         its Node does not run TypeScript: install tsx, and start it with \`tsx\` or \`node --import tsx\`, or use Node 22.18 or newer"`,
	);
	expect(await ofLog(`${unknown} ".tsx" for /project/view.tsx`, '', 'Node.js v24.1.0')).toMatchInlineSnapshot(
		`"  hint         no Node runs TSX: install tsx, and start it with \`tsx\` or \`node --import tsx\`"`,
	);
	const taken = ['/project/server.ts:1', "import http from 'node:http'", '^^^^^^', ''];
	taken.push(
		'SyntaxError: Cannot use import statement outside a module',
		'    at wrapSafe (node:internal:1464:18)',
		'',
	);
	expect(await ofLog(...taken, 'Node.js v22.17.1')).toContain('its Node does not run TypeScript');
	// With the types stripped, there is another cause, such as `"type": "commonjs"` in package.json.
	expect(await ofLog(...taken, 'Node.js v22.18.0')).toBe('');
});

test.skipIf('typescript' in process.features && process.features.typescript)(
	'a daemon in TypeScript, as this Node refuses it',
	async () => {
		const startupCommand = ['node', fixture('typed.ts')];
		expect(await hintsOf({ startupCommand, lookFor: 'ready' })).toContain('its Node does not run TypeScript');
	},
);

test('an array whose first element holds all the words of the command', async () => {
	expect(await hintsOf({ startupCommand: ['node server.mjs', '--port', 80] })).toMatchInlineSnapshot(
		`"  hint         no shell splits the words of an array: give ['node', 'server.mjs', '--port', '80'], or a string"`,
	);
	expect(await hintsOf({ startupCommand: ['sh -c "sleep 1000"'] })).toMatchInlineSnapshot(
		`"  hint         no shell splits the words of an array: give each word as an element, or a string"`,
	);
	expect(await hintsOf({ startupCommand: ['/no/such folder/server'] })).toBe('');
});

test('a program that another project has installed', async () => {
	const folder = temporaryFolder();
	const bin = join(folder, 'node_modules', '.bin');
	const inner = join(folder, 'packages', 'api');
	for (const path of [bin, inner]) mkdirSync(path, { recursive: true });
	symlinkSync(fixture('never-ready.sh'), join(bin, 'serve-it'));
	const hints = await hintsOf({ startupCommand: 'serve-it', cwd: inner });
	expect(hints.replace(folder, '[folder]').replace(process.cwd(), '/project')).toMatchInlineSnapshot(
		`"  hint         [folder]/node_modules/.bin/serve-it is there, but only that of /project and above is looked at: give that path"`,
	);
});

const limitFile = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
const limit = existsSync(limitFile) ? Number(readFileSync(limitFile, 'utf8')) : 1024;

test.skipIf(limit <= 80)('a port that a daemon may not bind, and not a file that it may not read', async () => {
	const logs = (line: string) => hintsOf({ startupCommand: ['sh', '-c', 'echo "$0"; exit 1', line], lookFor: 'ready' });
	const refusal = 'bind() to 0.0.0.0:80 failed (13: Permission denied)';
	expect(await logs(refusal)).toContain(`may listen on a port below ${limit}: use a higher port`);
	const twice = await logs(`${refusal}\n${refusal.replace(':80', ':79')}`);
	expect([...twice.matchAll(/start=(\d+)/g)].map(([, port]) => port)).toEqual(['80']);
	expect(await logs(refusal.replace(':80', `:${limit}`))).toBe('');
	expect(await logs('permission denied: /etc/app.conf:80')).toBe('');
	expect(await logs('could not bind to 0.0.0.0:80')).toBe('');
});
