/** `withdaemon wait`: until services are ready, whoever starts them. */
import { type Command, InvalidArgumentError } from 'commander';
import { findCheckout, namesInConfig, refuseUnknownIn } from './checkout.ts';
import { examples } from './examples.ts';
import { EXIT } from './exit-codes.ts';
import { interruptible } from './interrupt.ts';

interface Flags {
	readonly config?: string;
	readonly timeout: number;
}

export function define(program: Command): void {
	program
		.command('wait')
		.summary('wait until services are ready')
		.description('Waits until services are ready that another command starts. Names each that is not, and why.')
		.argument('<name...>')
		.option('--timeout <ms>', 'how long', toMs, 30_000)
		.option('-c, --config <file>', 'the config file, whose folder is the checkout')
		.addHelpText('after', examples(['wait db api --timeout 60000']))
		.action(async (names: readonly string[], { timeout, ...flags }: Flags) => {
			const checkout = await findCheckout(flags);
			const [{ waitReleased }, { Deadline }] = await Promise.all([
				import('../released/wait.ts'),
				import('../time/deadline.ts'),
			]);
			await refuseUnknownIn(checkout, names, await namesInConfig(checkout));
			const deadline = new Deadline(timeout);
			await interruptible(async interrupted => {
				const signal = AbortSignal.any([deadline.signal, interrupted]);
				const reports = await waitReleased(checkout.folder, names, signal);
				const unmet = reports.filter(({ state }) => state !== 'ready');
				const isLate = deadline.signal.aborted;
				if (unmet.length === 0) console.log(`${names.join(', ')}: ready`);
				else console.error(isLate ? `Not ready within ${timeout} ms:` : 'Not ready:');
				for (const { name, state, why } of unmet) console.error(`  ${name}   ${state}: ${why}`);
				if (unmet.length === 0) return;
				interrupted.throwIfAborted();
				process.exitCode = isLate ? EXIT.timedOut : EXIT.notRunning;
			});
			deadline.clear();
		});
}

function toMs(word: string): number {
	if (/^[1-9]\d*$/.test(word)) return Number(word);
	throw new InvalidArgumentError('Expected a number of milliseconds.');
}
