/** `withdaemon status`: what runs in this checkout. */
import type { Command } from 'commander';
import { findCheckout, namesInConfig, refuseUnknownIn } from './checkout.ts';
import { describeError } from './describe-error.ts';
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
		.description('Shows the services of the config file, and what else `start` has brought up in this checkout.')
		.argument('[name...]', 'only these; default: all')
		.option('-c, --config <file>', 'the config file, whose folder is the checkout')
		.option('--json', 'print one JSON array')
		.addHelpText('after', examples(['status'], ['status api --json | jq -r .[0].port', 'the port of a service']))
		.action(async (names: readonly string[], { json = false, ...flags }: Flags) => {
			const [checkout, { reportAll, reportOn }] = await Promise.all([
				findCheckout(flags),
				import('../released/status.ts'),
			]);
			const { folder } = checkout;
			const isAll = names.length === 0;
			const { names: known, error } = isAll ? await namesInConfig(checkout) : { names };
			const started = isAll ? await reportAll(folder) : [];
			const others = known.filter(name => !started.some(report => report.name === name));
			const reports = [...started, ...(await Promise.all(others.map(name => reportOn(folder, name))))];
			const stopped = reports.filter(({ state }) => state === 'stopped').map(({ name }) => name);
			// Without a config file a name may be one that was stopped.
			if (!isAll && stopped.length > 0 && checkout.config !== undefined)
				await refuseUnknownIn(checkout, stopped, await namesInConfig(checkout));
			if (reports.length > 0 || json) showReports(reports, json);
			else if (error === undefined) console.log(`Nothing was started in ${folder}.`);
			if (error !== undefined) console.error(describeError(error));
			if (error !== undefined && reports.every(isUp)) process.exitCode = EXIT.usage;
			else if (reports.length === 0 || !reports.every(isUp)) process.exitCode = EXIT.notRunning;
		});
}
