/** What commands about released daemons say while they work. */
import type { Ending } from '../released/end.ts';
import type { Started } from '../released/start.ts';
import { showTime } from './show-time.ts';

export function sayStarted({ name, how, released }: Started): void {
	const where = Object.entries(released?.record.ports ?? {}).map(
		([name, port]) => `, ${name.replace('ports.', '')} ${port}`,
	);
	const pid = released ? `, pid ${released.launched.identity.pid}${where.join('')}` : '';
	if (how === 'done') console.log(`${name} is done`);
	else if (how === 'runs already') console.log(`${name} runs already${pid}`);
	else console.log(`${name} is ready after ${showTime(released?.record.readyAfter ?? 0)}${pid}`);
}

/** Prints the error of an end, even with `strict: false`: then it only leaves the exit code as it is. */
export function sayEnded({ released: { record, launched }, ...how }: Ending): void {
	if (how.error) console.error(how.error.message);
	console.log(describeEnding(record.name, launched.identity.pid, how));
}

type How = Omit<Ending, 'released'>;

export function describeEnding(name: string, pid: number, { wasGone, took, error, isOver }: How): string {
	// A process that even SIGKILL does not end is waiting in the kernel. The reaper tries again.
	const left = isOver ? `nothing is left${error ? ' any more' : ''}` : 'something of it is still there';
	if (wasGone === undefined) return `${name} was stopped in ${showTime(took)}, pid ${pid}; ${left}`;
	return `${name} did not run: ${wasGone}; ${left}`;
}
