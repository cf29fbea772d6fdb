/** What `withdaemon restart` does. */
import { selectMembers } from '../../config/select.ts';
import { refuseUnknown } from '../../released/names.ts';
import { restartReleased } from '../../released/restart.ts';
import { sayTidied, sayWaiting } from '../../released/say.ts';
import { interruptible } from '../interrupt.ts';
import { remind } from '../remind.ts';
import { sayEnded, sayStarted } from '../say.ts';
import { type CheckoutFlags, findCheckout, loadFromItsFolder } from './checkout.ts';
import { codeOf } from './stop.ts';

export interface RestartFlags extends CheckoutFlags {
	readonly outliveJob?: boolean;
}

export async function restart(
	name: string,
	{ outliveJob: outlivesJob = false, ...flags }: RestartFlags,
): Promise<void> {
	const { folder: checkout, config } = await findCheckout(flags);
	const all = config === undefined ? {} : await loadFromItsFolder(config);
	await refuseUnknown(checkout, [name], Object.keys(all));
	const group = Object.hasOwn(all, name) ? selectMembers(all, [name]) : undefined;
	const told = { onWait: sayWaiting, onTidied: sayTidied, onEnded: sayEnded };
	const { onChange, end } = remind(group ?? {});
	await interruptible(async signal => {
		const request = { checkout, name, group, outlivesJob, onChange, signal, ...told };
		const { ending, started } = await restartReleased(request).finally(end);
		for (const one of started) sayStarted(one);
		process.exitCode = codeOf(ending ? [ending] : []);
	});
}
