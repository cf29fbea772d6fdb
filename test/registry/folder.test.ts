import { chmodSync, chownSync, mkdirSync, realpathSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readLinks } from '../../src/process/procfs.ts';
import { makeCallerFolder, nameCallerFolder } from '../../src/registry/caller-folder.ts';
import { locateRegistry, REGISTRY } from '../../src/registry/folder.ts';
import { HeldFolder } from '../../src/registry/held-folder.ts';
import { runCaller } from '../support/callers.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';

const isRoot = process.getuid?.() === 0;

/** The folder that a caller would make, and those that it is in: for temporary files, the registry, the machine. */
function planned() {
	const temporary = temporaryFolder();
	const caller = nameCallerFolder(join(temporary, REGISTRY));
	return { temporary, caller, machine: dirname(caller), registry: dirname(dirname(caller)) };
}

test('the registry is a private folder at every level, and may exist already', () => {
	const { caller, machine, registry } = planned();
	makeCallerFolder(caller).close();
	makeCallerFolder(caller).close();
	expect([registry, machine, caller].map(path => statSync(path).mode & 0o777)).toEqual([0o700, 0o700, 0o700]);
});

test.skipIf(process.platform !== 'linux')('no level of the registry stays open but the one that was asked for', () => {
	const { temporary, caller, machine } = planned();
	const real = realpathSync(temporary);
	const open = () => readLinks('/proc/self/fd').filter(path => path.startsWith(real));
	const folder = makeCallerFolder(caller);
	expect(open()).toEqual([realpathSync(caller)]);
	folder.close();
	chmodSync(machine, 0o750);
	expect(() => makeCallerFolder(caller)).toThrow('is open to other users');
	expect(open()).toEqual([]);
});

test('a registry that others can read is refused, at every level', () => {
	const { caller, machine, registry } = planned();
	makeCallerFolder(caller).close();
	for (const folder of [registry, machine, caller]) {
		chmodSync(folder, 0o750);
		expect(() => makeCallerFolder(caller)).toThrow(
			`${folder} is open to other users: remove it, or set XDG_RUNTIME_DIR or TMPDIR to a folder of your own`,
		);
		chmodSync(folder, 0o700);
	}
});

test('a symlink in the place of a registry folder is not followed', () => {
	const { caller, machine, registry } = planned();
	symlinkSync(temporaryFolder(), registry);
	expect(() => makeCallerFolder(caller)).toThrow(`${registry} is not a folder`);
	const other = planned();
	mkdirSync(other.registry, { mode: 0o700 });
	symlinkSync(temporaryFolder(), other.machine);
	expect(() => makeCallerFolder(other.caller)).toThrow(`${other.machine} is not a folder`);
	expect(machine).not.toBe(other.machine);
});

test.runIf(isRoot)('a registry that belongs to another user is refused, at every level', () => {
	const { caller, machine, registry } = planned();
	makeCallerFolder(caller).close();
	for (const folder of [registry, machine, caller]) {
		chownSync(folder, 65534, 65534);
		expect(() => makeCallerFolder(caller)).toThrow(`${folder} belongs to the user 65534`);
		chownSync(folder, 0, 0);
	}
});

test('a folder for temporary files in which others could rename the registry is refused', () => {
	const { caller, temporary } = planned();
	chmodSync(temporary, 0o777);
	expect(() => makeCallerFolder(caller)).toThrow(`${temporary} can be written by other users, and is not sticky`);
	chmodSync(temporary, 0o1777);
	makeCallerFolder(caller).close();
	// A umask of 002 and a group with only one member are common.
	chmodSync(temporary, 0o775);
	makeCallerFolder(caller).close();
});

test.runIf(isRoot)('a folder for temporary files of another user, or of another group, is refused', () => {
	const { caller, temporary } = planned();
	chownSync(temporary, 65534, 0);
	expect(() => makeCallerFolder(caller)).toThrow(`${temporary} belongs to the user 65534`);
	chownSync(temporary, 0, 65534);
	makeCallerFolder(caller).close();
	chmodSync(temporary, 0o770);
	expect(() => makeCallerFolder(caller)).toThrow(`${temporary} can be written by other users, and is not sticky`);
});

test.skipIf(process.platform !== 'linux')('a folder is not in its place if that of another file system is', context => {
	const before = process.cwd();
	onTestFinished(() => process.chdir(before));
	// The roots of two file systems have the same number, and `.` leads to the one or the other.
	const [proc, sys] = ['/proc', '/sys'].map(path => statSync(path, { throwIfNoEntry: false }));
	context.skip(proc?.ino !== sys?.ino || proc?.uid !== 0, 'they differ here, or belong to a stranger');
	process.chdir('/proc');
	const held = HeldFolder.holdParent('.');
	expect(held.isInPlace()).toBe(true);
	process.chdir('/sys');
	expect(held.isInPlace()).toBe(false);
	held.close();
});

test('a start that cannot have a registry says so, and starts nothing', async () => {
	const temporary = temporaryFolder();
	symlinkSync(temporaryFolder(), join(temporary, REGISTRY));
	const options = JSON.stringify({ name: 'sleeper', startupCommand: 'sleep 1000' });
	const { output, code } = await runCaller('dies.mjs', ['waits', options], ['env', `TMPDIR=${temporary}`]);
	expect([code, JSON.parse(output).error]).toEqual([
		0,
		expect.stringMatching(/^StartupError: sleeper could not be started: .*\n.* is not a folder/),
	]);
});

test('the registry is in XDG_RUNTIME_DIR if the user owns that', () => {
	const [runtime, temporary] = [temporaryFolder(), temporaryFolder()];
	const locate = (folder: string | undefined) => dirname(locateRegistry(folder, temporary));
	expect([undefined, runtime, join(runtime, 'missing')].map(locate)).toEqual([temporary, runtime, temporary]);
	if (isRoot) chownSync(runtime, 65534, 65534);
	else chmodSync(runtime, 0o500);
	expect(locate(runtime)).toBe(temporary);
	chmodSync(runtime, 0o700);
});
