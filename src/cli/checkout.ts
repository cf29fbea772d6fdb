/** The folder that released daemons belong to, in which they are known by their names. */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DaemonGroup } from '../index.ts';

export interface Checkout {
	readonly folder: string;
	/** The config file; undefined if there is none. */
	readonly config: string | undefined;
}

/** The folder of the config file, or the working directory. Nothing is loaded. */
export async function findCheckout({ config }: { readonly config?: string }): Promise<Checkout> {
	const { findConfig } = await import('../config/find.ts');
	const file = config === undefined ? await findConfig(process.cwd()) : await pathOf(config);
	// Two ways to the same folder lead to the same daemons.
	return { folder: realpathSync(file === undefined ? process.cwd() : dirname(file)), config: file };
}

/** @throws {@link InvalidOptionError} if the file of `--config` is not there. */
export async function pathOf(config: string): Promise<string> {
	const file = resolve(config);
	if (existsSync(file)) return file;
	const { InvalidOptionError } = await import('../index.ts');
	throw new InvalidOptionError('withdaemon', [`There is no file ${file}: give --config the path of a config file.`]);
}

/**
 * Loads a config file and stays in its folder: wherever in the checkout a command is given, commands, modules and `cwd`
 * of the services mean the same.
 */
export async function loadFromItsFolder(config: string): Promise<DaemonGroup> {
	const { loadConfig } = await import('../config/load.ts');
	const from = process.cwd();
	process.chdir(dirname(config));
	return await loadConfig(config, from);
}

/**
 * The names of the services of the config file, without the tasks. Empty if it cannot be loaded: what runs must be
 * stopped and looked at all the same.
 */
export async function namesInConfig({ config }: Checkout): Promise<readonly string[]> {
	if (config === undefined) return [];
	const group = await loadFromItsFolder(config).catch(() => ({}));
	return Object.entries(group)
		.filter(([, { task }]) => !task)
		.map(([name]) => name);
}
