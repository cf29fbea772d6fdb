/** Which services a command is about: those of the config file, or some of them. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { DaemonGroup } from '../index.ts';

export interface ServiceFlags {
	readonly config?: string;
	readonly only?: readonly string[];
}

export function addServiceFlags(command: Command): Command {
	return command
		.option('-c, --config <file>', 'the config file; default: withdaemon.config.{ts,mts,js,mjs,json} here or above')
		.option('--only <name>', 'only this service, and what it depends on; may be repeated', collect);
}

const collect = (value: string, before: readonly string[] = []) => [...before, value];

/**
 * @throws {@link InvalidOptionError} if there is no config file, or if it is not valid.
 */
export async function readServices({ config, only = [] }: ServiceFlags): Promise<DaemonGroup> {
	const [{ findConfig }, { loadConfig }, { selectMembers }, { InvalidOptionError }] = await Promise.all([
		import('../config/find.ts'),
		import('../config/load.ts'),
		import('../config/select.ts'),
		import('../index.ts'),
	]);
	const file = config === undefined ? await findConfig(process.cwd()) : resolve(config);
	if (file === undefined) throw new InvalidOptionError('withdaemon', [withoutConfig()]);
	return selectMembers(await loadConfig(file), only);
}

const withoutConfig = () =>
	`There is no withdaemon.config.{ts,mts,js,mjs,json} in ${process.cwd()}, nor in a folder above it: write one, or name it with --config.`;
