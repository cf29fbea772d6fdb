/** The flags for how a command reports what it does. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';

export interface ReportFlags {
	readonly json?: boolean;
	readonly quiet?: boolean;
	readonly junit?: string;
}

export function addReportFlags(command: Command): Command {
	return command
		.addOption(
			new Option('--json', 'print one event of JSON per line; stdout of CMD goes to stderr then').conflicts('quiet'),
		)
		.option('-q, --quiet', 'print nothing but errors')
		.option('--junit <file>', 'write a JUnit report, in which each service is a test', file => resolve(file));
}
