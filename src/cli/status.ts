/** `withdaemon status`: what runs in this checkout. */
import type { Command } from 'commander';
import type { StatusFlags } from './do/status.ts';
import { examples } from './examples.ts';

export function define(program: Command): void {
	program
		.command('status')
		.summary('show what runs in this checkout; exit 3 if something does not')
		.description('Shows the services of the config file, and what else `start` has brought up in this checkout.')
		.argument('[name...]', 'only these; default: all')
		.option('-c, --config <file>', 'the config file, whose folder is the checkout')
		.option('--json', 'print one JSON array')
		.addHelpText('after', examples(['status'], ['status api --json | jq -r .[0].port', 'the port of a service']))
		.action(
			async (names: readonly string[], flags: StatusFlags) =>
				await (await import('./do/index.ts')).status(names, flags),
		);
}
