/** Lets few launches begin in one turn of the event loop, which hundreds of them would block for a second. */
import { nextTurn } from './clock.ts';

/** Each launch takes about 1 ms, and more if Node forks a large caller. */
const AT_ONCE = 8;

let left = AT_ONCE;

/** Resolves in this turn of the event loop if few others have begun in it, or else in a later one. */
export async function fewAtOnce(): Promise<void> {
	while (left === 0) await nextTurn();
	// The first of a turn sees to the next turn.
	if (left === AT_ONCE)
		void nextTurn().then(() => {
			left = AT_ONCE;
		});
	left -= 1;
}
