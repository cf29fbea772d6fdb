import { chmodSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import {
	findDeadCallers,
	makeCallerFolder,
	nameCallerFolder,
	removeCallerFolder,
} from '../../src/registry/caller-folder.ts';
import { REGISTRY } from '../../src/registry/folder.ts';
import { RegistryError } from '../../src/registry/held-folder.ts';
import { nameCheckout, nameReleased, openReleased, removeEmpty } from '../../src/registry/released.ts';
import { temporaryFolder } from '../support/fixtures.ts';
import { onTestFinished } from '../support/this-test.ts';

const newRegistry = () => join(temporaryFolder(), REGISTRY);

test('an entry of a released daemon stays when the last caller leaves, and no sweep finds it', () => {
	const registry = newRegistry();
	const caller = nameCallerFolder(registry);
	makeCallerFolder(caller).close();
	const released = openReleased('/home/me/project', registry);
	onTestFinished(() => released.close());
	writeFileSync(released.path(nameReleased('redis')), '{}\n');
	expect(findDeadCallers(registry)).toEqual([]);
	removeCallerFolder(caller);
	expect(existsSync(dirname(caller))).toBe(false);
	expect(released.list()).toEqual([nameReleased('redis')]);
	expect(readdirSync(registry)).toEqual(['released']);
});

test('two checkouts never meet, and one finds its own again', () => {
	const registry = newRegistry();
	const [one, other, again] = ['/a', '/b', '/a'].map(checkout => openReleased(checkout, registry));
	onTestFinished(() => {
		for (const folder of [one, other, again]) folder?.close();
	});
	expect(one?.name).not.toBe(other?.name);
	expect(one?.name).toBe(again?.name);
	expect(statSync(one?.path('') ?? '').mode & 0o777).toBe(0o700);
});

test('the folders of all checkouts are removed, but not what is noted in them', () => {
	const registry = newRegistry();
	for (const checkout of ['/a', '/b', '/c']) openReleased(checkout, registry).close();
	const checkouts = join(registry, 'released');
	const entry = join(checkouts, nameCheckout('/b'), nameReleased('redis'));
	writeFileSync(entry, '{}\n');
	removeEmpty(undefined, registry);
	expect(readdirSync(checkouts)).toEqual([nameCheckout('/b')]);
	rmSync(entry);
	removeEmpty(undefined, registry);
	expect(existsSync(registry)).toBe(false);
});

test('a folder of released daemons that others could write to is not believed', () => {
	const registry = newRegistry();
	openReleased('/a', registry).close();
	chmodSync(join(registry, 'released'), 0o777);
	expect(() => openReleased('/a', registry)).toThrow(RegistryError);
});

test('a daemon of any name has a file name of its own', () => {
	const names = ['redis', 'a/b', 'a_b', 'x'.repeat(300), `${'x'.repeat(300)}y`].map(nameReleased);
	expect(new Set(names).size).toBe(names.length);
	expect(names.filter(name => name.includes('/') || name.length > 255)).toEqual([]);
});
