/** Chooses how a command reports what it does: as its flags say, or else as suits a terminal, CI or a pipe. */
import { isAgent, isCI, provider } from 'std-env';
import { buildkite } from './ci/buildkite.ts';
import { CiReporter } from './ci/ci-reporter.ts';
import type { Dialect } from './ci/dialect.ts';
import { github } from './ci/github.ts';
import { makeGitlab } from './ci/gitlab.ts';
import { StepSummary } from './ci/step-summary.ts';
import { JsonReporter } from './json.ts';
import { JunitReporter } from './junit.ts';
import { LiveReporter } from './live.ts';
import { PlainReporter } from './plain.ts';
import { QuietReporter } from './quiet.ts';
import type { ReportFlags } from './report-flags.ts';
import type { Reporter } from './reporter.ts';

export function chooseReporters({ json = false, quiet = false, junit }: ReportFlags): readonly Reporter[] {
	const summary = process.env['GITHUB_STEP_SUMMARY'];
	return [
		chooseOne(json, quiet),
		...(junit === undefined ? [] : [new JunitReporter(junit)]),
		...(summary ? [new StepSummary(summary)] : []),
	];
}

function chooseOne(json: boolean, quiet: boolean): Reporter {
	if (json) return new JsonReporter();
	if (quiet) return new QuietReporter();
	const dialect = dialectOf(provider);
	if (dialect) return new CiReporter(dialect);
	if (process.stderr.isTTY && !isCI && !isAgent && process.env['TERM'] !== 'dumb')
		return new LiveReporter(process.stderr);
	return new PlainReporter();
}

function dialectOf(system: typeof provider): Dialect | undefined {
	if (system === 'github_actions') return github;
	if (system === 'gitlab') return makeGitlab();
	return system === 'buildkite' ? buildkite : undefined;
}
