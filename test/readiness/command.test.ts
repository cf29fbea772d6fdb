import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
	any,
	type CommandProbeOptions,
	command,
	holds,
	not,
	type Probe,
	startDaemon,
	withDaemon,
} from '../../src/index.ts';
import { checkOf, thisProcess } from '../support/checks.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';
import { isGone } from '../support/processes.ts';
import { watchTraces } from '../support/traces.ts';
import { waitedFor } from '../support/waited-for.ts';

const stays = { startupCommand: [fixture('never-ready.sh')] };
const sh = (script: string, ...args: string[]) => ['sh', '-c', script, 'sh', ...args];

test('holds when the program exits with 0, after as many tries as it takes', async () => {
	const folder = temporaryFolder();
	const [gate, path] = [join(folder, 'gate'), join(folder, 'done')];
	const ready = command(sh('echo x >>tries; [ "$(wc -l <tries)" -eq 1 ] && exit 1; : >"$1"; [ -s "$2" ]', gate, path));
	await withDaemon({ startupCommand: [fixture('writes-late.sh'), gate, path], cwd: folder, ready }, () => {
		expect(existsSync(path)).toBe(true);
		expect(readFileSync(join(folder, 'tries'), 'utf8').length).toBeGreaterThan(2);
	});
});

test('the program has the folder and the environment of the daemon, and placeholders are filled in', async () => {
	const cwd = temporaryFolder();
	const ready = command(sh('printf "%s\\n" "$PWD" "$PLACE" "$1" >seen', '{dir}'));
	await withDaemon({ ...stays, cwd, env: { PLACE: 'in {dir}' }, ready }, ({ dir }) => {
		expect(readFileSync(join(cwd, 'seen'), 'utf8')).toBe(`${cwd}\nin ${dir}\n${dir}\n`);
	});
});

test('the reason says how the program ended and what it said last', async () => {
	const reason = (argv: string[], options: CommandProbeOptions = { timeout: 1e6 }) =>
		checkOf(command(argv, options)).look?.(new AbortController().signal, thisProcess);
	expect({
		fails: await reason(sh('exec >&2; echo connecting; echo "no response"; exit 2')),
		'fails silently': await reason(['false']),
		hangs: await reason(['sleep', '1000'], { timeout: 50 }),
		'hangs without a limit of its own': await reason(['sleep', '1000'], {}),
		'is killed': await reason(sh('kill -9 $$')),
		'is not there': await reason(['/no/such/program']),
		'is not split': await reason(['true -x', '-y']),
		works: await reason(['true']),
	}).toMatchInlineSnapshot(`
		{
		  "fails": "it exited with code 2: no response",
		  "fails silently": "it exited with code 1",
		  "hangs": "it, or what holds its output, did not end within 50 ms",
		  "hangs without a limit of its own": "it, or what holds its output, did not end within 5000 ms",
		  "is killed": "it was killed by SIGKILL",
		  "is not split": "Command failed with ENOENT: 'true -x' -y (no shell splits the words of an array: give ['true', '-x', '-y'])",
		  "is not there": "Command failed with ENOENT: /no/such/program",
		  "works": true,
		}
	`);
});

test('a program that hangs is ended with the wait', async () => {
	const path = join(temporaryFolder(), 'pid');
	const traces = watchTraces();
	const argv = sh('echo $$ >"$1.new"; mv "$1.new" "$1"; sleep 1000 & wait', path);
	const ready = [command(argv, { timeout: 1e6 })];
	const rows = await waitedFor({ ...stays, ready }, () => existsSync(path));
	expect(rows.replace(path, '[path]')).toMatchInlineSnapshot(
		`"command sh -c echo $$ >"$1.new"; mv "$1.new" "$1"; sleep 1000 & wait sh [path]   its first try has not ended"`,
	);
	expect(isGone(Number(readFileSync(path, 'utf8')))).toBe(true);
	expect(traces.left()).toEqual([]);
});

test('a program that is interrupted by the end of the wait may still clean up', async () => {
	const folder = temporaryFolder();
	const [begun, cleaned] = [join(folder, 'begun'), join(folder, 'cleaned')];
	const argv = sh('trap \'sleep 0.3; : >"$2"; exit\' TERM; : >"$1"; sleep 1000 & wait', begun, cleaned);
	await waitedFor({ ...stays, ready: [command(argv, { timeout: 1e6 })] }, () => existsSync(begun));
	expect(existsSync(cleaned)).toBe(true);
});

test('a program inside of another probe is ended before the daemon is, and is none that the daemon has left', async () => {
	const begun = ['any', 'not', 'holds'].map(name => join(temporaryFolder(), name));
	const [one, two, three] = begun.map(path =>
		command(sh('trap "" TERM; : >"$1"; sleep 1000', path), { timeout: 1e6 }),
	) as [Probe, Probe, Probe];
	const startupCommand = sh('until [ -e "$1" ] && [ -e "$2" ] && [ -e "$3" ]; do sleep 0.01; done; exit 3', ...begun);
	const ready = [any([() => false, one]), not(two), holds(three, { forMs: 1 })];
	const error = await startDaemon({ startupCommand, ready }).catch(String);
	expect(error).toContain('exited with code 3');
	expect(error).not.toContain('survivor');
});

test('wrong arguments are refused', async () => {
	const ready = [
		command('pg_isready' as never),
		command([]),
		command(['a', 'b\0']),
		command(['true'], { timeout: -1 }),
	];
	await expect(startDaemon({ ...stays, ready })).rejects.toThrowErrorMatchingInlineSnapshot(`
		[InvalidOptionError: never-ready.sh has 4 invalid options
		  option       \`ready\`, command(): Expected \`argv\` to be an array with a program and its arguments, as no shell is used, but got "pg_isready" (string).
		               \`ready\`, command(): Expected \`argv\` to be an array with a program and its arguments, as no shell is used, but got [] (array).
		               \`ready\`, command(): Expected \`argv\` to be an array with a program and its arguments, as no shell is used, but got [ 'a', 'b\\x00' ] (array).
		               \`ready\`, command(): Expected \`timeout\` to be a number of milliseconds from 1 to 2147483647, but got -1 (number).]
	`);
});
