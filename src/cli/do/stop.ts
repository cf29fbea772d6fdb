/** What `withdaemon stop` does. */
import type { Ending } from '../../released/end.ts';
import { sayWaiting } from '../../released/say.ts';
import { stopReleased } from '../../released/stop.ts';
import { describeError } from '../describe-error.ts';
import { EXIT, exitCodeOf } from '../exit-codes.ts';
import { interruptible } from '../interrupt.ts';
import { sayEnded } from '../say.ts';
import { type CheckoutFlags, findCheckout, namesInConfig, refuseUnknownIn } from './checkout.ts';

export async function stop(names: readonly string[], flags: CheckoutFlags): Promise<void> {
	const checkout = await findCheckout(flags);
	const known = await namesInConfig(checkout);
	await refuseUnknownIn(checkout, names, known);
	// A start that is under way may be of a service that only the config file knows.
	if (known.error !== undefined) console.error(describeError(known.error));
	const all = names.length === 0;
	const which = { checkout: checkout.folder, names: all ? known.names : names, all };
	const away: string[] = [];
	const onAway = (name: string, why: string) => void away.push(`${name} cannot be stopped from here: ${why}`);
	await interruptible(async signal => {
		const endings = await stopReleased({ ...which, signal, onWait: sayWaiting, onEnded: sayEnded, onAway });
		for (const line of away) console.error(line);
		if (endings.length + away.length === 0) console.log('Nothing runs here.');
		process.exitCode = away.length > 0 ? EXIT.unclean : codeOf(endings);
	});
}

/** The exit code of the worst end: one that was not clean, or else a death. */
export function codeOf(endings: readonly Ending[]): number {
	const codes = endings.flatMap(({ error, released }) => (error && released.record.strict ? [exitCodeOf(error)] : []));
	return codes.includes(EXIT.unclean) ? EXIT.unclean : (codes[0] ?? EXIT.done);
}
