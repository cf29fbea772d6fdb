/** What `withdaemon ps` does. */
import { reportAll } from '../../released/status.ts';
import { showReports } from '../show-reports.ts';

export async function ps(json: boolean): Promise<void> {
	const reports = await reportAll();
	if (reports.length > 0 || json) showReports(reports, json, true);
	else console.log('Nothing was started.');
}
