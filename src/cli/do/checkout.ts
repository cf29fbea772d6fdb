/** The folder that released daemons belong to, in which they are known by their names. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { findConfig } from '../../config/find.ts';
import { loadConfig } from '../../config/load.ts';
import { namesIn, readConfig } from '../../config/read.ts';
import { type DaemonGroup, InvalidOptionError } from '../../index.ts';
import { refuseUnknown } from '../../released/names.ts';

export interface Checkout {
	readonly folder: string;
	/** The config file; undefined if there is none. */
	readonly config: string | undefined;
}

export interface CheckoutFlags {
	readonly config?: string;
}

/** Finds the folder of the config file, or else the working directory. Loads nothing. */
export async function findCheckout({ config }: CheckoutFlags): Promise<Checkout> {
	const file = config === undefined ? await findConfig(process.cwd()) : pathOf(config);
	// Two ways to the same folder lead to the same daemons.
	return { folder: realpathSync(file === undefined ? process.cwd() : dirname(file)), config: file };
}

/** @throws {@link InvalidOptionError} if the file of `--config` is not there. */
export function pathOf(config: string): string {
	const file = resolve(config);
	if (!existsSync(file))
		throw new InvalidOptionError('withdaemon', [`There is no file ${file}: give --config the path of a config file.`]);
	if (!statSync(file).isDirectory()) return file;
	throw new InvalidOptionError('withdaemon', [`${file} is a folder: give --config the path of a config file.`]);
}

/**
 * Loads a config file and stays in its folder. So the commands, modules and `cwd` of the services mean the same,
 * wherever in the checkout `withdaemon` is called.
 */
export async function loadFromItsFolder(config: string): Promise<DaemonGroup> {
	return await inFolderOf(config, from => loadConfig(config, from));
}

export interface NamesInConfig {
	/** The services of the config file, without the tasks. Empty if it cannot be read. */
	readonly names: readonly string[];
	/** Why it cannot be read. What runs must be stopped and looked at all the same. */
	readonly error?: unknown;
}

/** Does not check the options of the services, which would take longer than most commands. */
export async function namesInConfig({ config }: Checkout): Promise<NamesInConfig> {
	if (config === undefined) return { names: [] };
	try {
		return { names: namesIn(await inFolderOf(config, from => readConfig(config, from))) };
	} catch (error) {
		return { names: [], error };
	}
}

/** @throws for a name that is certainly wrong, or what is wrong with the config file, which may know it. */
export async function refuseUnknownIn(
	{ folder, config }: Checkout,
	names: readonly string[],
	known: NamesInConfig,
	isComplete = config !== undefined,
): Promise<void> {
	await refuseUnknown(folder, names, known.names, isComplete).catch(error => {
		throw known.error ?? error;
	});
}

async function inFolderOf<T>(config: string, load: (from: string) => Promise<T>): Promise<T> {
	const from = process.cwd();
	process.chdir(dirname(config));
	// On stdout, what the file prints would be taken for what the command prints, which may be JSON.
	const { write } = process.stdout;
	process.stdout.write = process.stderr.write.bind(process.stderr);
	return await load(from).finally(() => {
		process.stdout.write = write;
	});
}
