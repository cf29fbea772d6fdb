/** `withdaemon run`: starts the services, runs a command, stops them, and exits as the command did. */
import type { Command } from 'commander';
import { examples } from './examples.ts';
import { addServiceFlags, readServices, type ServiceFlags } from './services.ts';

export function define(program: Command): void {
	addServiceFlags(program.command('run'))
		.summary('start the services, run CMD, stop them, and exit as CMD did')
		.description('Starts the services, runs CMD when they are ready, stops them, and exits as CMD did.')
		.usage('[options] -- CMD [ARGUMENTS...]')
		.argument('<cmd...>', 'the command and its arguments, without a shell')
		.addHelpText(
			'after',
			examples(
				['run -- npm test', 'all services of withdaemon.config.ts'],
				['run --only db -- npx prisma migrate dev'],
			),
		)
		.action(async (cmd: readonly string[], flags: ServiceFlags) => {
			const group = await readServices(flags);
			const [{ withDaemons }, { runCmd }] = await Promise.all([import('../index.ts'), import('./cmd.ts')]);
			process.exitCode = await withDaemons(group, (_, { exports }) => runCmd(cmd, { ...process.env, ...exports }));
		});
}
