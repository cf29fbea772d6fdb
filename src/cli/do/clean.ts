/** What `withdaemon clean` does. */
import { type Cleaned, cleanReleased } from '../../released/clean.ts';
import { sayWaiting } from '../../released/say.ts';
import { interruptible } from '../interrupt.ts';

export async function clean(): Promise<void> {
	await interruptible(async signal => say(await cleanReleased(signal, sayWaiting)));
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
