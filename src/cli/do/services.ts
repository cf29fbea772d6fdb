/** Which services a command is about: those of the config file, some of them, or a single one that flags describe. */
import { findConfig } from '../../config/find.ts';
import { selectMembers } from '../../config/select.ts';
import { groupOfOne } from '../../config/single.ts';
import { type DaemonGroup, InvalidOptionError } from '../../index.ts';
import { nameOf, toOptions } from '../flags.ts';
import type { ServiceFlags } from '../service-flags.ts';
import { loadFromItsFolder, pathOf } from './checkout.ts';

/**
 * @throws {@link InvalidOptionError} if there is neither a config file nor a service, or if either is not valid.
 */
export async function readServices(flags: ServiceFlags): Promise<DaemonGroup> {
	const { config, only = [] } = flags;
	const options = toOptions(flags);
	if (Object.keys(options).length > 0) return readSingle(options, config !== undefined || only.length > 0);
	const file = config === undefined ? await findConfig(process.cwd()) : pathOf(config);
	if (file === undefined) throw new InvalidOptionError('withdaemon', [withoutConfig()]);
	return selectMembers(await loadFromItsFolder(file), only);
}

const withoutConfig = () =>
	`There is no withdaemon.config.{ts,mts,js,mjs,json} in ${process.cwd()}, nor in a folder above it: write one, ` +
	'name it with --config, or give --service.';

function readSingle(options: Readonly<Record<string, unknown>>, hasConfig: boolean): DaemonGroup {
	const [first = ''] = Object.keys(options);
	const { startupCommand: command, ...others } = options;
	if (command === undefined)
		throw new InvalidOptionError('withdaemon', [`${nameOf(first)} describes a single service: give --service, too.`]);
	if (hasConfig)
		throw new InvalidOptionError('withdaemon', [
			'A single service needs no config file: give neither --config nor --only with its command.',
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
