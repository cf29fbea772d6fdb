import { existsSync, mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type FileExistsOptions, fileExists, startDaemon, withDaemon } from '../../src/index.ts';
import { now } from '../../src/time/clock.ts';
import { checkOf, thisProcess } from '../support/checks.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';

const never = new AbortController().signal;
const stays = { startupCommand: [fixture('never-ready.sh')] };

test('holds when the daemon has made the file, whose folder did not exist before', async () => {
	const folder = temporaryFolder();
	const [gate, path] = [join(folder, 'gate'), join(folder, 'a/b/done')];
	const startupCommand = [fixture('writes-late.sh'), gate, path];
	const opensGate = () => {
		writeFileSync(gate, '');
		return true;
	};
	await withDaemon({ startupCommand, ready: [opensGate, fileExists(path)] }, () => {
		expect(existsSync(path)).toBe(true);
	});
});

test('a relative path begins in the working directory of the daemon, and placeholders are filled in', async () => {
	const startupCommand = ['sh', '-c', 'echo x >here; echo x >"$0/there"; exec sleep 1000', '{dir}'];
	const ready = [fileExists('here'), fileExists('{dir}/there')];
	await withDaemon({ startupCommand, cwd: temporaryFolder(), ready }, () => {});
});

test('the reason says what is there instead', async () => {
	const folder = temporaryFolder();
	const reason = async (path: string, options?: FileExistsOptions) => {
		const answer = await checkOf(fileExists(join(folder, path), options)).look?.(never, thisProcess);
		return `${answer}`.replace(folder, '[folder]');
	};
	mkdirSync(join(folder, 'made'));
	writeFileSync(join(folder, 'empty'), '');
	writeFileSync(join(folder, 'full'), 'hello');
	expect({
		missing: await reason('missing'),
		'missing folder': await reason('a/missing'),
		'file as folder': await reason('full/x'),
		directory: await reason('made'),
		empty: await reason('empty'),
		full: await reason('full'),
		'just written': await reason('full', { stableForMs: 1e6 }),
	}).toMatchInlineSnapshot(`
		{
		  "directory": "it is a directory, and not a file",
		  "empty": "it is empty",
		  "file as folder": "ENOTDIR",
		  "full": "true",
		  "just written": "it has 5 bytes, but has not been the same for 1000000 ms yet",
		  "missing": "it does not exist",
		  "missing folder": "its folder [folder]/a does not exist",
		}
	`);
});

test('a file that is still written to is waited for', async () => {
	const path = join(temporaryFolder(), 'grows');
	const check = checkOf(fileExists(path, { stableForMs: 100 }));
	let lastChange = 0;
	// Ten times with a change between two looks, however long these take.
	for (let size = 1; size <= 10; size++) {
		writeFileSync(path, 'x'.repeat(size));
		lastChange = now();
		expect(await check.look?.(never, thisProcess)).toBe(
			`it has ${size} bytes, but has not been the same for 100 ms yet`,
		);
	}
	await check.wait(never, thisProcess);
	expect(now() - lastChange).toBeGreaterThanOrEqual(100);
});

test('a file that another one of the same size and time takes the place of has changed', async () => {
	const folder = temporaryFolder();
	const [path, other] = [join(folder, 'file'), join(folder, 'other')];
	const check = checkOf(fileExists(path, { stableForMs: 100 }));
	let lastChange = 0;
	for (let round = 1; round <= 10; round++) {
		writeFileSync(other, 'x');
		utimesSync(other, 1, 1);
		renameSync(other, path);
		lastChange = now();
		expect(await check.look?.(never, thisProcess)).toBe('it has 1 bytes, but has not been the same for 100 ms yet');
	}
	await check.wait(never, thisProcess);
	expect(now() - lastChange).toBeGreaterThanOrEqual(100);
});

test('wrong arguments are refused', async () => {
	const ready = [fileExists(''), fileExists('x', { stableForMs: 0 }), fileExists('x', 500 as never)];
	await expect(startDaemon({ ...stays, ready })).rejects.toThrowErrorMatchingInlineSnapshot(`
		[InvalidOptionError: never-ready.sh has 3 invalid options
		  option       \`ready\`, fileExists(): Expected \`path\` to be a path, without NUL, but got "" (string).
		               \`ready\`, fileExists(): Expected \`stableForMs\` to be a number of milliseconds from 1 to 2147483647, but got 0 (number).
		               \`ready\`, fileExists(): Expected the options to be an object, but got 500 (number).]
	`);
});
