/** `withdaemon run`: starts the services, runs a command, stops them, and exits as the command did. */
import type { Command } from 'commander';
import { examples } from './examples.ts';
import { addSingleServiceFlags } from './flags.ts';
import { addReportFlags, type ReportFlags } from './report-flags.ts';
import { addServiceFlags, readServices, type ServiceFlags } from './services.ts';

interface Flags extends ServiceFlags, ReportFlags {}

export function define(program: Command): void {
	const command = program
		.command('run')
		.summary('start the services, run CMD, stop them, and exit as CMD did')
		.description(
			'Starts the services, runs CMD when they are ready, stops them, and exits as CMD did. Ctrl-C stops CMD and the services, twice by force. CMD gets what the services export, and their ports as NAME_PORT.',
		)
		.usage('[options] -- CMD [ARGUMENTS...]')
		.argument('<cmd...>', 'the command and its arguments, without a shell')
		.showHelpAfterError('CMD comes after --, as in `withdaemon run -- npm test`; `withdaemon help run` shows all.')
		.addHelpText('after', HELP);
	addReportFlags(addServiceFlags(command));
	addSingleServiceFlags(command).action(async (words: readonly string[], flags: Flags) => {
		const { findCmd } = await import('./cmd.ts');
		const argv = findCmd(words);
		// It stays there, whatever folder the config file is in.
		const cwd = process.cwd();
		const group = await readServices(flags);
		const [{ CmdRun }, { chooseReporters }] = await Promise.all([
			import('./run-cmd.ts'),
			import('./choose-reporter.ts'),
		]);
		const stdout = flags.json ? 2 : 1;
		process.exitCode = await new CmdRun({ words, argv, cwd, stdout }, chooseReporters(flags)).run(group);
	});
}

const HELP = examples(
	['run -- npm test', 'with all services of the config file'],
	['run --only db -- npx prisma migrate dev', 'with one of them, and what it depends on'],
	[
		"run --service 'node server.js' --port auto --env PORT={port} --export URL=http://127.0.0.1:{port} -- npx vitest run",
		'with a single service, without a config file',
	],
	[
		"run --service 'redis-server --port {port}' --port auto --look-for 'Ready to accept' -- sh -c 'redis-cli -p $REDIS_SERVER_PORT ping'",
	],
);
