/** `withdaemon clean`: removes what dead runs have left. */
import type { Command } from 'commander';
import type { Cleaned } from '../released/clean.ts';
import { sayWaiting } from '../released/say.ts';
import { examples } from './examples.ts';
import { interruptible } from './interrupt.ts';

export function define(program: Command): void {
	program
		.command('clean')
		.summary('remove what dead runs have left, and only that')
		.description(
			'Ends and removes what is left of runs that were killed, of services that died or did not survive a reboot, and of checkouts that are gone. Nothing of a living run is touched.',
		)
		.addHelpText('after', examples(['clean']))
		.action(async () => {
			const { cleanReleased } = await import('../released/clean.ts');
			await interruptible(async signal => say(await cleanReleased(signal, sayWaiting)));
		});
}

function say({ callers, endings }: Cleaned): void {
	for (const { pid } of callers) console.log(`process ${pid} was dead: what it had left was ended and removed`);
	for (const { released, wasGone, isOver } of endings) {
		const { name, checkout } = released.record;
		const what = isOver ? 'was ended and removed' : 'was killed, but something of it is still there';
		console.log(`${name} of ${checkout} ${what}: ${wasGone ?? 'its checkout is gone'}`);
	}
	if (callers.length + endings.length === 0) console.log('Nothing was left.');
}
