import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import {
	claim,
	findDeadCallers,
	makeCallerFolder,
	nameCallerFolder,
	removeCallerFolder,
} from '../../src/registry/caller-folder.ts';
import { REGISTRY } from '../../src/registry/folder.ts';
import { temporaryFolder } from '../support/fixtures.ts';

const newRegistry = () => join(temporaryFolder(), REGISTRY);

/** A folder of a process that does not exist, on this machine unless said otherwise. */
function makeDead(registry: string, change: (machine: string) => string = machine => machine): string {
	const machine = dirname(nameCallerFolder(registry));
	const path = join(dirname(machine), change(basename(machine)), '4194304.12345.0a1b2c3d');
	mkdirSync(path, { recursive: true, mode: 0o700 });
	return path;
}

test('the folder of a living caller is not listed as dead', () => {
	const registry = newRegistry();
	const path = nameCallerFolder(registry);
	makeCallerFolder(path);
	expect(findDeadCallers(registry)).toEqual([]);
	expect(basename(path)).toMatch(new RegExp(`^${process.pid}\\.`));
});

test('the folder of a process that is gone, or has lost its pid to another, is listed as dead', () => {
	const registry = newRegistry();
	const path = makeDead(registry);
	const recycled = join(dirname(path), `${process.pid}.1.0a1b2c3d`);
	mkdirSync(recycled, { mode: 0o700 });
	expect(findDeadCallers(registry).map(folder => folder.path)).toEqual([path, recycled].toSorted());
	expect(findDeadCallers(registry).map(({ isFromBefore }) => isFromBefore)).toEqual([false, false]);
});

test('a folder from before the boot of the machine is dead, whichever process has its pid', () => {
	const registry = newRegistry();
	const path = makeDead(registry, machine => machine.replace(/\.[^.]+(\.[^.]+)$/, '.another-boot$1'));
	const living = join(dirname(path), basename(nameCallerFolder(registry)));
	mkdirSync(living, { mode: 0o700 });
	expect(findDeadCallers(registry).map(folder => [folder.path, folder.isFromBefore])).toEqual(
		[path, living].toSorted().map(each => [each, true]),
	);
});

test('callers on other hosts and in other containers are left alone', () => {
	const registry = newRegistry();
	makeDead(registry, machine => `another.${machine}`);
	makeDead(registry, machine => `${machine}1`);
	writeFileSync(join(dirname(dirname(makeDead(registry))), 'README'), '');
	expect(findDeadCallers(registry)).toHaveLength(1);
});

test('only one process can claim a folder, with everything in it', () => {
	const registry = newRegistry();
	const path = makeDead(registry);
	writeFileSync(join(path, 'entry.jsonl'), '');
	const claimed = claim(path);
	expect(claim(path)).toBeUndefined();
	expect(claimed).toMatchObject({ caller: { pid: 4194304, startTime: '12345' }, cleaner: { pid: process.pid } });
	expect(readdirSync(claimed?.path ?? '')).toEqual(['entry.jsonl']);
	// The cleaner of a folder may die, too.
	expect(findDeadCallers(registry)).toEqual([claimed]);
	expect(claim(claimed?.path ?? '')).toEqual(claimed);
});

test('the last caller removes the registry, and the next one recreates it', () => {
	const registry = newRegistry();
	const [first, second] = [nameCallerFolder(registry), nameCallerFolder(registry)];
	makeCallerFolder(first);
	makeCallerFolder(second);
	removeCallerFolder(first);
	expect(existsSync(second)).toBe(true);
	removeCallerFolder(second);
	expect(existsSync(dirname(dirname(second)))).toBe(false);
	makeCallerFolder(first);
	expect(existsSync(first)).toBe(true);
});
