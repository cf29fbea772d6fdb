/** What is known of the released daemons of a checkout, or of all checkouts. */
import { examine } from './condition.ts';
import { findReleased, listReleased, type Released } from './find.ts';
import { findWorker } from './lock.ts';
import { type Report, toBareReport, toReport } from './report.ts';

/** Reports on the daemons that have an entry, in the order of their starts. */
export async function reportAll(checkout?: string): Promise<Report[]> {
	return await Promise.all(listReleased(checkout).map(report));
}

/** Reports on one daemon, even if it has no entry: another command may be at work on it. */
export async function reportOn(checkout: string, name: string): Promise<Report> {
	const released = findReleased(checkout, name);
	if (released) return await report(released);
	const worker = await findWorker(checkout, name);
	if (worker === undefined) return toBareReport(name, checkout, 'stopped', 'it was not started, or was stopped');
	const state = worker.act === 'start' || worker.act === 'restart' ? 'starting' : 'stopping';
	return toBareReport(name, checkout, state, `\`${worker.act}\` is at work on it, as process ${worker.pid}`);
}

async function report(released: Released): Promise<Report> {
	return toReport(released, await examine(released));
}
