import { chmodSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
	findDeadCallers,
	makeCallerFolder,
	nameCallerFolder,
	removeCallerFolder,
} from '../../src/registry/caller-folder.ts';
import { locateRegistry } from '../../src/registry/folder.ts';
import { RegistryError } from '../../src/registry/held-folder.ts';
import { nameCheckout, nameReleased, openReleased, removeEmpty } from '../../src/registry/released.ts';
import { temporaryFolder } from '../support/fixtures.ts';

function inOwnFolder(): void {
	vi.stubEnv('TMPDIR', temporaryFolder());
	onTestFinished(() => void vi.unstubAllEnvs());
}

test('an entry of a released daemon stays when the last caller leaves, and no sweep finds it', () => {
	inOwnFolder();
	const caller = nameCallerFolder();
	makeCallerFolder(caller).close();
	const released = openReleased('/home/me/project');
	onTestFinished(() => released.close());
	writeFileSync(released.path(nameReleased('redis')), '{}\n');
	expect(findDeadCallers()).toEqual([]);
	removeCallerFolder(caller);
	expect(existsSync(dirname(caller))).toBe(false);
	expect(released.list()).toEqual([nameReleased('redis')]);
	expect(readdirSync(locateRegistry())).toEqual(['released']);
});

test('two checkouts never meet, and one finds its own again', () => {
	inOwnFolder();
	const [one, other, again] = ['/a', '/b', '/a'].map(openReleased);
	onTestFinished(() => {
		for (const folder of [one, other, again]) folder?.close();
	});
	expect(one?.name).not.toBe(other?.name);
	expect(one?.name).toBe(again?.name);
	expect(statSync(one?.path('') ?? '').mode & 0o777).toBe(0o700);
});

test('the folders of all checkouts are removed, but not what is noted in them', () => {
	inOwnFolder();
	for (const checkout of ['/a', '/b', '/c']) openReleased(checkout).close();
	const checkouts = join(locateRegistry(), 'released');
	const entry = join(checkouts, nameCheckout('/b'), nameReleased('redis'));
	writeFileSync(entry, '{}\n');
	removeEmpty();
	expect(readdirSync(checkouts)).toEqual([nameCheckout('/b')]);
	rmSync(entry);
	removeEmpty();
	expect(existsSync(locateRegistry())).toBe(false);
});

test('a home that others could write to is not believed', () => {
	inOwnFolder();
	openReleased('/a').close();
	chmodSync(join(locateRegistry(), 'released'), 0o777);
	expect(() => openReleased('/a')).toThrow(RegistryError);
});

test('a daemon of any name has a file name of its own', () => {
	const names = ['redis', 'a/b', 'a_b', 'x'.repeat(300), `${'x'.repeat(300)}y`].map(nameReleased);
	expect(new Set(names).size).toBe(names.length);
	expect(names.filter(name => name.includes('/') || name.length > 255)).toEqual([]);
});
