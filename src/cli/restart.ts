/** `withdaemon restart`: stops a service and starts it again, on the ports that it had. */
import type { Command } from 'commander';
import type { RestartFlags } from './do/restart.ts';
import { examples } from './examples.ts';

export function define(program: Command): void {
	program
		.command('restart')
		.summary('stop a service and start it again, on the ports that it had')
		.description(
			'Stops a service and starts it again, on the ports that it had: as the config file says or, if it is not ' +
				'there, as it was.',
		)
		.argument('<name>')
		.option('-c, --config <file>', 'the config file, whose folder is the checkout')
		.option('--outlive-job', 'keep Jenkins and the runner of GitHub from ending it with the job')
		.addHelpText('after', examples(['restart api']))
		.action(async (name: string, flags: RestartFlags) => await (await import('./do/index.ts')).restart(name, flags));
}
