/** GitLab CI: sections, which begin and end with a line that the job log does not show. */
import { wallClock } from '../../time/clock.ts';
import { type Dialect, joinLines } from './dialect.ts';

const ERASE = '\u001B[0K';

/** Makes a dialect that counts its sections, as each needs a name that is unique in the job. */
export function makeGitlab(): Dialect {
	let count = 0;
	const line = (what: string, options = '') =>
		`${ERASE}section_${what}:${Math.floor(wallClock() / 1000)}:withdaemon_${process.pid}_${count}${options}\r${ERASE}`;
	const begin = (title: string) => {
		count += 1;
		return `${line('start', '[collapsed=true]')}${title}`;
	};
	const end = () => line('end');
	return {
		begin,
		end,
		show: title => title,
		error: (_, text) => text,
		log: (title, lines) => joinLines(begin(title), ...lines, end()),
		// Only variables of the project can be masked.
		mask: () => '',
	};
}
