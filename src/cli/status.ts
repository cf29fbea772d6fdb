/** `withdaemon status`: what runs in this checkout. */
import type { Command } from 'commander';
import { findCheckout } from './checkout.ts';
import { examples } from './examples.ts';
import { EXIT } from './exit-codes.ts';
import { isUp, showReports } from './show-reports.ts';

interface Flags {
	readonly config?: string;
	readonly json?: boolean;
}

export function define(program: Command): void {
	program
		.command('status')
		.summary('show what runs in this checkout; exit 3 if something does not')
		.description('Shows the daemons that `start` has brought up in this checkout.')
		.argument('[name...]', 'only these; default: all that were started')
		.option('-c, --config <file>', 'the config file, whose folder is the checkout')
		.option('--json', 'print one JSON array')
		.addHelpText('after', examples(['status'], ['status api --json | jq -r .[0].port', 'the port of a service']))
		.action(async (names: readonly string[], { json = false, ...flags }: Flags) => {
			const [{ folder }, { reportAll, reportOn }] = await Promise.all([
				findCheckout(flags),
				import('../released/status.ts'),
			]);
			const reports =
				names.length === 0 ? await reportAll(folder) : await Promise.all(names.map(name => reportOn(folder, name)));
			if (reports.length > 0 || json) showReports(reports, json);
			else console.log(`Nothing was started in ${folder}.`);
			if (reports.length === 0 || !reports.every(isUp)) process.exitCode = EXIT.notRunning;
		});
}
