/** `withdaemon stop`: stops what `start` has brought up, and proves that nothing is left. */
import type { Command } from 'commander';
import type { CheckoutFlags } from './do/checkout.ts';
import { examples } from './examples.ts';

export function define(program: Command): void {
	program
		.command('stop')
		.summary('stop what was started here, and prove that nothing is left')
		.description('Stops the daemons that `start` has brought up in this checkout, dependents first.')
		.argument('[name...]', 'only these; default: all')
		.option('-c, --config <file>', 'the config file, whose folder is the checkout')
		.addHelpText('after', examples(['stop'], ['stop api']))
		.action(
			async (names: readonly string[], flags: CheckoutFlags) =>
				await (await import('./do/index.ts')).stop(names, flags),
		);
}
