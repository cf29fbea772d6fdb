/** Buildkite: a line that begins with `---` or `+++` begins a group, which ends where the next one begins. */
import { type Dialect, joinLines } from './dialect.ts';

export const buildkite: Dialect = {
	begin: title => `--- ${title}`,
	end: () => '',
	show: title => `+++ ${title}`,
	error: (name, text) => joinLines(`+++ ${name} has failed`, text),
	// A line of a log could begin a group, too.
	log: (title, lines) => joinLines(`--- ${title}`, ...lines.map(line => `| ${line}`)),
	mask: () => '',
};
