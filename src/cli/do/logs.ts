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
	const over = new AbortController();
	// EPIPE: the reader, such as `head`, has seen enough.
	process.stdout.on('error', () => over.abort());
	await interruptible(async interrupted => {
		const signal = AbortSignal.any([over.signal, interrupted]);
		for await (const line of followLog(released, { last: lines, follow, signal })) {
			if (over.signal.aborted) break;
			if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain', { signal }).catch(() => {});
		}
	});
}
