/** `withdaemon logs`: the log of a service, and what comes after it. */
import { once } from 'node:events';
import { type Command, InvalidArgumentError } from 'commander';
import { findCheckout, namesInConfig, refuseUnknownIn } from './checkout.ts';
import { examples } from './examples.ts';
import { EXIT } from './exit-codes.ts';
import { interruptible } from './interrupt.ts';

interface Flags {
	readonly config?: string;
	readonly follow?: boolean;
	readonly lines?: number;
}

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
		.action(async (name: string, { follow = false, lines, ...flags }: Flags) => {
			const checkout = await findCheckout(flags);
			const [{ findReleased }, { followLog }] = await Promise.all([
				import('../released/find.ts'),
				import('../released/follow-log.ts'),
			]);
			const released = findReleased(checkout.folder, name);
			if (released === undefined) {
				await refuseUnknownIn(checkout, [name], await namesInConfig(checkout));
				console.error(`${name} does not run.`);
				process.exitCode = EXIT.notRunning;
				return;
			}
			const over = new AbortController();
			// EPIPE: whoever reads it, such as `head`, has seen enough.
			process.stdout.on('error', () => over.abort());
			await interruptible(async interrupted => {
				const signal = AbortSignal.any([over.signal, interrupted]);
				for await (const line of followLog(released, { last: lines, follow, signal })) {
					if (over.signal.aborted) break;
					if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain', { signal }).catch(() => {});
				}
			});
		});
}

function toCount(word: string): number {
	if (/^\d+$/.test(word)) return Number(word);
	throw new InvalidArgumentError('Expected a number.');
}
