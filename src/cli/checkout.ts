/** The folder that released daemons belong to, in which they are known by their names. */
import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

export interface Checkout {
	readonly folder: string;
	/** The config file; undefined if there is none. */
	readonly config: string | undefined;
}

/** The folder of the config file, or the working directory. Nothing is loaded. */
export async function findCheckout({ config }: { readonly config?: string }): Promise<Checkout> {
	const { findConfig } = await import('../config/find.ts');
	const file = config === undefined ? await findConfig(process.cwd()) : resolve(config);
	// Two ways to the same folder lead to the same daemons.
	return { folder: realpathSync(file === undefined ? process.cwd() : dirname(file)), config: file };
}

/**
 * The names of the services of the config file, without the tasks. Empty if it cannot be loaded: what runs must be
 * stopped and looked at all the same.
 */
export async function namesInConfig({ config }: Checkout): Promise<readonly string[]> {
	if (config === undefined) return [];
	const { loadConfig } = await import('../config/load.ts');
	const group = await loadConfig(config).catch(() => ({}));
	return Object.entries(group)
		.filter(([, { task }]) => !task)
		.map(([name]) => name);
}
