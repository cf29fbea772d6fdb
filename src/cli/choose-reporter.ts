/** Chooses how a command tells what it does: by its flags, else by who reads. */
import { isAgent, isCI } from 'std-env';
import { JsonReporter } from './json.ts';
import { LiveReporter } from './live.ts';
import { PlainReporter } from './plain.ts';
import { QuietReporter } from './quiet.ts';
import type { ReportFlags } from './report-flags.ts';
import type { Reporter } from './reporter.ts';

export function chooseReporters({ json = false, quiet = false }: ReportFlags): readonly Reporter[] {
	return [chooseOne(json, quiet)];
}

function chooseOne(json: boolean, quiet: boolean): Reporter {
	if (json) return new JsonReporter();
	if (quiet) return new QuietReporter();
	if (process.stderr.isTTY && !isCI && !isAgent && process.env['TERM'] !== 'dumb')
		return new LiveReporter(process.stderr);
	return new PlainReporter();
}
