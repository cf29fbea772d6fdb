/** Which services a command is about: those of the config file, some of them, or a single one that flags describe. */
import type { Command } from 'commander';
import type { DaemonGroup } from '../index.ts';
import { nameOf, toOptions } from './flags.ts';

export interface ServiceFlags extends Readonly<Record<string, unknown>> {
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
 * @throws {@link InvalidOptionError} if there is neither a config file nor a service, or if either is not valid.
 */
export async function readServices(flags: ServiceFlags): Promise<DaemonGroup> {
	const { config, only = [] } = flags;
	const options = toOptions(flags);
	if (Object.keys(options).length > 0) return await readSingle(options, config !== undefined || only.length > 0);
	const [{ findConfig }, { loadFromItsFolder, pathOf }, { selectMembers }, { InvalidOptionError }] = await Promise.all([
		import('../config/find.ts'),
		import('./checkout.ts'),
		import('../config/select.ts'),
		import('../index.ts'),
	]);
	const file = config === undefined ? await findConfig(process.cwd()) : await pathOf(config);
	if (file === undefined) throw new InvalidOptionError('withdaemon', [withoutConfig()]);
	return selectMembers(await loadFromItsFolder(file), only);
}

const withoutConfig = () =>
	`There is no withdaemon.config.{ts,mts,js,mjs,json} in ${process.cwd()}, nor in a folder above it: write one, name it with --config, or give --service.`;

async function readSingle(options: Readonly<Record<string, unknown>>, hasConfig: boolean): Promise<DaemonGroup> {
	const [{ groupOfOne }, { InvalidOptionError }] = await Promise.all([
		import('../config/single.ts'),
		import('../index.ts'),
	]);
	const [first = ''] = Object.keys(options);
	const { startupCommand: command, ...others } = options;
	if (command === undefined)
		throw new InvalidOptionError('withdaemon', [`${nameOf(first)} describes a single service: give --service, too.`]);
	if (hasConfig)
		throw new InvalidOptionError('withdaemon', [
			'--service is for a single service: give neither --config nor --only.',
		]);
	try {
		return groupOfOne(command as string | readonly string[], others);
	} catch (error) {
		if (!(error instanceof InvalidOptionError)) throw error;
		throw new InvalidOptionError('withdaemon', error.problems.map(withFlags));
	}
}

/** Users of flags do not know the names of the options. */
const withFlags = (problem: string) => problem.replace(/`(\w+)`/g, (same, option: string) => nameOf(option) ?? same);
