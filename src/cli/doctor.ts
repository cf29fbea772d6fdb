/** `withdaemon doctor`: what this machine can do, and what to do about what it cannot. */
import type { Command } from 'commander';
import type { DoctorFlags } from './do/doctor.ts';
import { examples } from './examples.ts';

export function define(program: Command): void {
	program
		.command('doctor')
		.summary('look for what keeps daemons from working on this machine')
		.description(
			'Looks at what daemons need of this machine: /proc, a shell, file watches, limits, folders, and the ports ' +
				'of the config file. Names the remedy of each fault. Exits with 1 if something fails; a warning is no ' +
				'failure.',
		)
		.option('-c, --config <file>', 'the config file, for its ports')
		.option('--json', 'print one JSON array')
		.addHelpText('after', examples(['doctor']))
		.action(async (flags: DoctorFlags) => await (await import('./do/index.ts')).doctor(flags));
}
