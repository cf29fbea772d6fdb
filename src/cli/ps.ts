/** `withdaemon ps`: what runs in all checkouts of this user. */
import type { Command } from 'commander';
import { examples } from './examples.ts';
import { showReports } from './show-reports.ts';

export function define(program: Command): void {
	program
		.command('ps')
		.summary('show what runs in all checkouts of this user')
		.description('Shows the daemons that `start` has brought up, in all checkouts of this user.')
		.option('--json', 'print one JSON array')
		.addHelpText('after', examples(['ps']))
		.action(async ({ json = false }: { readonly json?: boolean }) => {
			const { reportAll } = await import('../released/status.ts');
			const reports = await reportAll();
			if (reports.length > 0 || json) showReports(reports, json, true);
			else console.log('Nothing was started.');
		});
}
