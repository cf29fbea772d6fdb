import { spawnSync } from 'node:child_process';
import {
	chmodSync,
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reserveDescriptor } from '../src/os/reserve-descriptor.ts';
import { makeTemporaryFolder, removeFolder } from '../src/temporary-folder.ts';
import { temporaryFolder } from './support/fixtures.ts';

/** A folder with this many files, and a file beside it that must stay. */
function folderWith(files: number) {
	const above = temporaryFolder();
	const folder = join(above, 'withdaemon-1');
	mkdirSync(folder);
	for (let index = 0; index < files; index += 1) writeFileSync(join(folder, String(index)), 'x');
	writeFileSync(join(above, 'other'), 'x');
	return { above, folder };
}

test('a folder is announced before it exists, and is private', async () => {
	const above = temporaryFolder();
	const announced: [string, boolean][] = [];
	const path = await makeTemporaryFolder('abcdef', each => announced.push([each, existsSync(each)]), above);
	expect(announced).toEqual([[path, false]]);
	expect(readdirSync(above)).toEqual([`withdaemon-${process.pid}-abcdef`]);
	expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('the folder above is looked for once if its path is given, although another one is there by then', async () => {
	const [first, second, link] = [temporaryFolder(), temporaryFolder(), join(temporaryFolder(), 'link')];
	symlinkSync(first, link);
	const announced: string[] = [];
	const announce = (path: string) => {
		announced.push(path);
		rmSync(first, { recursive: true, force: true });
		rmSync(link);
		symlinkSync(second, link);
	};
	await expect(makeTemporaryFolder('abcdef', announce, link)).rejects.toThrow('ENOENT');
	expect([announced.length, readdirSync(second)]).toEqual([1, []]);
});

/** Nothing can be opened while this runs. It leaves what prlimit(1) itself needs afterwards. */
async function withoutDescriptors<T>(work: () => Promise<T>): Promise<T> {
	const limit = (soft: number) =>
		spawnSync('prlimit', ['--pid', String(process.pid), `--nofile=${soft}:`], { stdio: 'ignore' }).status;
	const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
	expect(limit(Math.max(...readdirSync('/proc/self/fd').map(Number)) + 32)).toBe(0);
	const taken: number[] = [];
	try {
		expect(() => {
			for (;;) taken.push(openSync('/dev/null', 'r'));
		}).toThrow('EMFILE');
		return await work();
	} finally {
		for (const descriptor of taken) closeSync(descriptor);
		expect(limit(Number(soft))).toBe(0);
	}
}

describe('removes', () => {
	test.skipIf(process.platform !== 'linux')('a folder that its caller has no descriptor left to list', async () => {
		const { above, folder } = folderWith(9);
		const linked = folderWith(1);
		mkdirSync(join(folder, 'deep'));
		writeFileSync(Buffer.concat([Buffer.from(join(folder, 'deep/')), Buffer.from([0xff])]), 'x');
		symlinkSync(linked.folder, join(folder, 'deep', 'link'));
		reserveDescriptor();
		await withoutDescriptors(() => removeFolder(folder));
		expect(readdirSync(above)).toEqual(['other']);
		// A symlink is removed, but not what it leads to.
		expect(readdirSync(linked.folder)).toHaveLength(1);
	});

	test('a small folder at once, with the links in it, but not what they lead to', async () => {
		const { above, folder } = folderWith(6);
		symlinkSync(join(above, 'other'), join(folder, 'link'));
		symlinkSync(above, join(folder, 'above'));
		const removed = removeFolder(folder);
		expect(readdirSync(above)).toEqual(['other']);
		await removed;
	});

	test('a folder that has many files, a folder or a large file without blocking', async () => {
		const [many, deep, large] = [folderWith(9), folderWith(1), folderWith(1)];
		mkdirSync(join(deep.folder, 'a', 'b'), { recursive: true });
		truncateSync(join(large.folder, '0'), 2 ** 20 + 1);
		const all = [many, deep, large];
		const removed = all.map(({ folder }) => removeFolder(folder));
		expect(all.map(({ folder }) => readdirSync(folder).length)).toEqual([9, 2, 1]);
		await Promise.all(removed);
		for (const { above } of all) expect(readdirSync(above)).toEqual(['other']);
	});

	test('a link that has taken the place of the folder, but not what it leads to', async () => {
		const { above, folder } = folderWith(3);
		const link = join(above, 'withdaemon-2');
		symlinkSync(folder, link);
		await removeFolder(link);
		expect(readdirSync(above).toSorted()).toEqual(['other', 'withdaemon-1']);
		expect(readdirSync(folder)).toHaveLength(3);
	});

	test.skipIf(process.getuid?.() === 0)(
		'a folder from which permissions were removed (as an ordinary user)',
		async () => {
			const { above, folder } = folderWith(2);
			chmodSync(folder, 0o500);
			await removeFolder(folder);
			expect(readdirSync(above)).toEqual(['other']);
		},
	);

	test('nothing, if the folder is gone', async () => {
		const { folder } = folderWith(0);
		await removeFolder(folder);
		await expect(removeFolder(folder)).resolves.toBeUndefined();
	});
});
