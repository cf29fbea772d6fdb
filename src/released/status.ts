/** What is known of the released daemons of a checkout, or of all checkouts. */
import { examine } from './condition.ts';
import { findReleased, listReleased, type Released } from './find.ts';
import { findWorker } from './lock.ts';
import { type Report, toBareReport, toReport } from './report.ts';

/** Reports on the daemons that have an entry, in the order of their starts. */
export async function reportAll(checkout?: string): Promise<Report[]> {
	return await Promise.all(listReleased(checkout).map(report));
}

/** Reports on one daemon, even if it has no entry: another command may be about to start it. */
export async function reportOn(checkout: string, name: string): Promise<Report> {
	const released = findReleased(checkout, name);
	if (released) return await report(released);
	const worker = await findWorker(checkout, name);
	// Without an entry there is nothing that another command could stop.
	if (worker?.act !== 'start' && worker?.act !== 'restart')
		return toBareReport(name, checkout, 'stopped', 'it was not started, or was stopped');
	return toBareReport(name, checkout, 'starting', `\`${worker.act}\` is at work on it, as process ${worker.pid}`);
}

async function report(released: Released): Promise<Report> {
	return toReport(released, await examine(released));
}
