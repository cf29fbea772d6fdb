/** `withdaemon run`: starts the services, runs a command, stops them, and exits as the command did. */
import type { Command } from 'commander';
import type { RunFlags } from './do/run.ts';
import { examples } from './examples.ts';
import { addSingleServiceFlags } from './flags.ts';
import { addReportFlags } from './report-flags.ts';
import { addServiceFlags } from './service-flags.ts';

export function define(program: Command): void {
	const command = program
		.command('run')
		.summary('start the services, run CMD, stop them, and exit as CMD did')
		.description(
			'Starts the services, runs CMD when they are ready, stops them, and exits as CMD did. Ctrl-C stops CMD and ' +
				'the services, twice by force. CMD gets what the services export, and their ports as NAME_PORT.',
		)
		.usage('[options] -- CMD [ARGUMENTS...]')
		.argument('<cmd...>', 'the command and its arguments, without a shell')
		.showHelpAfterError('CMD comes after --, as in `withdaemon run -- npm test`; `withdaemon help run` shows all.')
		.addHelpText('after', HELP);
	addReportFlags(addServiceFlags(command));
	addSingleServiceFlags(command).action(
		async (words: readonly string[], flags: RunFlags) => await (await import('./do/index.ts')).run(words, flags),
	);
}

const HELP = examples(
	['run -- npm test', 'with all services of the config file'],
	['run --only db -- npx prisma migrate dev', 'with one of them, and what it depends on'],
	[
		"run --service 'node server.js' --port auto --env PORT={port} --export URL=http://127.0.0.1:{port} " +
			'-- npx vitest run',
		'with a single service, without a config file',
	],
	[
		"run --service 'redis-server --port {port}' --port auto --look-for 'Ready to accept' " +
			"-- sh -c 'redis-cli -p $REDIS_SERVER_PORT ping'",
	],
);
