/** What `withdaemon run` does. */
import { chooseReporters } from '../choose-reporter.ts';
import { findCmd } from '../cmd.ts';
import type { ReportFlags } from '../report-flags.ts';
import { CmdRun } from '../run-cmd.ts';
import type { ServiceFlags } from '../service-flags.ts';
import { readServices } from './services.ts';

export interface RunFlags extends ServiceFlags, ReportFlags {}

export async function run(words: readonly string[], flags: RunFlags): Promise<void> {
	// CMD runs here, whatever folder the config file is in.
	const cwd = process.cwd();
	const argv = findCmd(words, cwd);
	const group = await readServices(flags);
	const stdout = flags.json ? 2 : 1;
	process.exitCode = await new CmdRun({ words, argv, cwd, stdout }, chooseReporters(flags)).run(group);
}
