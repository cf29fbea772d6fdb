/** `withdaemon ps`: what runs in all checkouts of this user. */
import type { Command } from 'commander';
import { examples } from './examples.ts';

export function define(program: Command): void {
	program
		.command('ps')
		.summary('show what runs in all checkouts of this user')
		.description('Shows the daemons that `start` has brought up, in all checkouts of this user.')
		.option('--json', 'print one JSON array')
		.addHelpText('after', examples(['ps']))
		.action(async ({ json = false }: { readonly json?: boolean }) => await (await import('./do/index.ts')).ps(json));
}
