/** What `withdaemon wait` does. */
import { waitReleased } from '../../released/wait.ts';
import { Deadline } from '../../time/deadline.ts';
import { EXIT } from '../exit-codes.ts';
import { interruptible } from '../interrupt.ts';
import { type CheckoutFlags, findCheckout, namesInConfig, refuseUnknownIn } from './checkout.ts';

export interface WaitFlags extends CheckoutFlags {
	readonly timeout: number;
}

export async function wait(names: readonly string[], { timeout, ...flags }: WaitFlags): Promise<void> {
	const checkout = await findCheckout(flags);
	await refuseUnknownIn(checkout, names, await namesInConfig(checkout), true);
	const deadline = new Deadline(timeout);
	const waiting = interruptible(async interrupted => {
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
	await waiting.finally(() => deadline.clear());
}
