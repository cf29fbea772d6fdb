/** `withdaemon clean`: removes what dead runs have left. */
import type { Command } from 'commander';
import { examples } from './examples.ts';

export function define(program: Command): void {
	program
		.command('clean')
		.summary('remove what dead runs have left, and only that')
		.description(
			'Ends and removes what is left of runs that were killed, of services that died or did not survive a ' +
				'reboot, and of checkouts that are gone. Nothing of a living run is touched.',
		)
		.addHelpText('after', examples(['clean']))
		.action(async () => await (await import('./do/index.ts')).clean());
}
