/** `withdaemon logs`: the log of a service, and what comes after it. */
import { type Command, InvalidArgumentError } from 'commander';
import type { LogsFlags } from './do/logs.ts';
import { examples } from './examples.ts';

export function define(program: Command): void {
	program
		.command('logs')
		.summary('print the log of a service since its start')
		.description('Prints what a service has logged since its start, without colours.')
		.argument('<name>')
		.option('-f, --follow', 'go on until the service has ended, or until Ctrl-C')
		.option('-n, --lines <number>', 'only the last lines', toCount)
		.option('-c, --config <file>', 'the config file, whose folder is the checkout')
		.addHelpText('after', examples(['logs api'], ['logs api -f -n 20']))
		.action(async (name: string, flags: LogsFlags) => await (await import('./do/index.ts')).logs(name, flags));
}

function toCount(word: string): number {
	if (/^\d+$/.test(word)) return Number(word);
	throw new InvalidArgumentError('Expected a number.');
}
