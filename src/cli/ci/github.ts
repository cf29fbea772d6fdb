/** GitHub Actions: workflow commands, which the runner reads from every line of a step's output. */
import { randomUUID } from 'node:crypto';
import { type Dialect, joinLines } from './dialect.ts';

export const github: Dialect = {
	begin: title => `::group::${escapeData(title)}`,
	end: () => '::endgroup::',
	show: title => title,
	// GitHub shows ten annotations of a kind for each step, so an error is one annotation, whatever its lines.
	error: (name, text) => `::error title=${escapeProperty(name)}::${escapeData(text)}`,
	log(title, lines) {
		// A line of a log that begins with `::` would be obeyed.
		const token = randomUUID();
		return joinLines(github.begin(title), `::stop-commands::${token}`, ...lines, `::${token}::`, github.end());
	},
	mask: value =>
		value
			.split(/\r?\n/)
			.filter(line => line !== '')
			.map(line => `::add-mask::${escapeData(line)}`)
			.join('\n'),
};

const escapeData = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const escapeProperty = (text: string) => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
