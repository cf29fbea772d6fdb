/** `withdaemon wait`: until services are ready, whoever starts them. */
import { type Command, InvalidArgumentError } from 'commander';
import type { WaitFlags } from './do/wait.ts';
import { examples } from './examples.ts';

export function define(program: Command): void {
	program
		.command('wait')
		.summary('wait until services are ready')
		.description('Waits until services are ready that another command starts. Names each that is not, and why.')
		.argument('<name...>')
		.option('--timeout <ms>', 'how long', toMs, 30_000)
		.option('-c, --config <file>', 'the config file, whose folder is the checkout')
		.addHelpText('after', examples(['wait db api --timeout 60000']))
		.action(
			async (names: readonly string[], flags: WaitFlags) => await (await import('./do/index.ts')).wait(names, flags),
		);
}

function toMs(word: string): number {
	if (/^[1-9]\d*$/.test(word)) return Number(word);
	throw new InvalidArgumentError('Expected a number of milliseconds.');
}
