/** What `withdaemon status` does. */
import { reportAll, reportOn } from '../../released/status.ts';
import { describeError } from '../describe-error.ts';
import { EXIT } from '../exit-codes.ts';
import { isUp, showReports } from '../show-reports.ts';
import { type CheckoutFlags, findCheckout, namesInConfig, refuseUnknownIn } from './checkout.ts';

export interface StatusFlags extends CheckoutFlags {
	readonly json?: boolean;
}

export async function status(names: readonly string[], { json = false, ...flags }: StatusFlags): Promise<void> {
	const checkout = await findCheckout(flags);
	const { folder } = checkout;
	const isAll = names.length === 0;
	const { names: known, error } = isAll ? await namesInConfig(checkout) : { names };
	const started = isAll ? await reportAll(folder) : [];
	const others = known.filter(name => !started.some(report => report.name === name));
	const reports = [...started, ...(await Promise.all(others.map(name => reportOn(folder, name))))];
	const stopped = reports.filter(({ state }) => state === 'stopped').map(({ name }) => name);
	if (!isAll && stopped.length > 0) await refuseUnknownIn(checkout, stopped, await namesInConfig(checkout));
	if (reports.length > 0 || json) showReports(reports, json);
	else if (error === undefined) console.log(`Nothing was started in ${folder}.`);
	if (error !== undefined) console.error(describeError(error));
	if (error !== undefined && reports.every(isUp)) process.exitCode = EXIT.usage;
	else if (reports.length === 0 || !reports.every(isUp)) process.exitCode = EXIT.notRunning;
}
