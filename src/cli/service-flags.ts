/** The flags that say which services of the config file a command is about. */
import type { Command } from 'commander';

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
