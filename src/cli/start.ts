/** `withdaemon start`: starts services that outlive this program, and returns when they are ready. */
import type { Command } from 'commander';
import { examples } from './examples.ts';
import { addSingleServiceFlags } from './flags.ts';
import { addServiceFlags, type ServiceFlags } from './service-flags.ts';

interface Flags extends ServiceFlags {
	readonly outliveJob?: boolean;
}

export function define(program: Command): void {
	const command = program
		.command('start')
		.summary('start services that go on when this program has ended')
		.description(
			'Starts services, and returns when they are ready. They go on until `stop`, and are known by their names ' +
				'in this checkout: the folder of the config file, or this one.',
		)
		.usage('[options] [NAME] [-- COMMAND [ARGUMENTS...]]')
		.argument('[name]', 'only this service of the config file, and what it depends on; or the name of the command')
		.argument('[command...]', 'a single service, without a config file and without a shell')
		.option('--outlive-job', 'keep Jenkins and the runner of GitHub from ending them with the job')
		.addHelpText('after', HELP);
	addSingleServiceFlags(addServiceFlags(command)).action(
		async (_name: string | undefined, _command: readonly string[], { outliveJob = false, ...flags }: Flags) => {
			const given = withWords(command, flags);
			await (await import('./do/index.ts')).start(given, outliveJob);
		},
	);
}

const HELP = examples(
	['start', 'all services of the config file'],
	['start db', 'one of them, and what it depends on'],
	['start api --port auto --env PORT={port} -- node server.js', 'a single service, without a config file'],
);

/** Commander does not tell the words before `--` from those after it. */
function withWords(command: Command, flags: ServiceFlags): ServiceFlags {
	const at = process.argv.indexOf('--');
	const service = at === -1 ? [] : process.argv.slice(at + 1);
	const [name, ...others] = command.args.slice(0, command.args.length - service.length);
	if (others.length > 0) command.error(`error: a command has to come after --, but got ${others.join(' ')}`);
	if (service.length > 0) return { ...flags, service, ...(name === undefined ? {} : { name }) };
	if (flags['service'] !== undefined) return name === undefined ? flags : { ...flags, name };
	return name === undefined ? flags : { ...flags, only: [...(flags.only ?? []), name] };
}
