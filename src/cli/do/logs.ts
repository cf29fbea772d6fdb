/** What `withdaemon logs` does. */
import { once } from 'node:events';
import { findReleased } from '../../released/find.ts';
import { followLog } from '../../released/follow-log.ts';
import { EXIT } from '../exit-codes.ts';
import { interruptible } from '../interrupt.ts';
import { type CheckoutFlags, findCheckout, namesInConfig, refuseUnknownIn } from './checkout.ts';

export interface LogsFlags extends CheckoutFlags {
	readonly follow?: boolean;
	readonly lines?: number;
}

export async function logs(name: string, { follow = false, lines, ...flags }: LogsFlags): Promise<void> {
	const checkout = await findCheckout(flags);
	const released = findReleased(checkout.folder, name);
	if (released === undefined) {
		await refuseUnknownIn(checkout, [name], await namesInConfig(checkout));
		console.error(`${name} does not run.`);
		process.exitCode = EXIT.notRunning;
		return;
	}
	// EPIPE: the reader, such as `head`, has seen enough.
	process.stdout.once('error', () => process.exit());
	await interruptible(async signal => {
		for await (const line of followLog(released, { last: lines, follow, signal }))
			if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain', { signal }).catch(() => {});
	});
}
