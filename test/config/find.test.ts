import { chmodSync, chownSync, lchownSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findConfig } from '../../src/config/find.ts';
import { cliFolder } from '../support/cli.ts';

test('the config file is that of the nearest folder, and there the first in the order of the extensions', async () => {
	const folder = cliFolder({
		'withdaemon.config.json': '{}',
		'a/withdaemon.config.js': '',
		'a/withdaemon.config.mts': '',
		'a/b/c/x': '',
	});
	expect(await findConfig(folder)).toBe(join(folder, 'withdaemon.config.json'));
	expect(await findConfig(join(folder, 'a', 'b', 'c'))).toBe(join(folder, 'a', 'withdaemon.config.mts'));
});

test('there may be none', async () => {
	expect(await findConfig(cliFolder())).toBeUndefined();
});

test('a config file above that somebody else may have written is refused, and so is a link of or to theirs', async () => {
	const folder = cliFolder({ 'withdaemon.config.json': '{}', 'other.json': '{}', 'a/b': '' });
	const [config, other] = [join(folder, 'withdaemon.config.json'), join(folder, 'other.json')];
	// A umask of 002 and a group with only one member are common.
	chmodSync(config, 0o664);
	expect(await findConfig(join(folder, 'a'))).toBe(config);
	chmodSync(config, 0o646);
	await expect(findConfig(join(folder, 'a'))).rejects.toThrow(
		`${config} can be written by other users, so it is not loaded here: if you trust it, name it with --config.`,
	);
	expect(await findConfig(folder)).toBe(config);
	if (process.getuid?.() !== 0) return;
	const stranger = `${config} belongs to the user 4242, `;
	chmodSync(config, 0o644);
	chownSync(config, 4242, 4242);
	await expect(findConfig(join(folder, 'a'))).rejects.toThrow(stranger);
	chownSync(join(folder, 'a'), 4242, 4242);
	expect(await findConfig(join(folder, 'a'))).toBe(config);
	chownSync(join(folder, 'a'), 0, 0);
	rmSync(config);
	symlinkSync(other, config);
	lchownSync(config, 4242, 4242);
	await expect(findConfig(join(folder, 'a'))).rejects.toThrow(stranger);
	lchownSync(config, 0, 0);
	expect(await findConfig(join(folder, 'a'))).toBe(config);
	chownSync(other, 4242, 4242);
	await expect(findConfig(join(folder, 'a'))).rejects.toThrow(stranger);
});

test('a folder in the place of a config file is named, also from below a folder that cannot be looked into', async () => {
	const folder = cliFolder({ 'withdaemon.config.ts/a': '' });
	// ENAMETOOLONG for everybody. A folder that may not be entered gives EACCES, but not to root.
	const from = join(folder, 'x'.repeat(256));
	const config = join(folder, 'withdaemon.config.ts');
	await expect(findConfig(from)).rejects.toThrow(`A config file cannot be read: ${config} is a folder.`);
});

test.skipIf(process.platform !== 'linux')('a config file that cannot be read is named', async () => {
	const folder = cliFolder({ 'a/b': '' });
	const config = join(folder, 'withdaemon.config.ts');
	// It has nothing at the address 0: EIO for everybody. A file without permission gives EACCES, but not to root.
	symlinkSync('/proc/self/mem', config);
	// Node 26 shows the path in its own text, too.
	const told = `A config file cannot be read: ${config} (EIO: i/o error, read`;
	await expect(findConfig(join(folder, 'a'))).rejects.toThrow(told);
});
