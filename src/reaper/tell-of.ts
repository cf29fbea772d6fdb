/** Tells the sleeping reaper about each daemon that it could ask to end. */
import type { LaunchListener } from '../registry/entry.ts';
import { describeDaemon } from './first-signal.ts';

/**
 * The lines that the reaper was sent, by their slots. It may still have a line for a slot that is free.
 */
export type Slots = ({ readonly id: string; readonly line: string } | undefined)[];

/**
 * A daemon that is over need not be taken back: its entry has gone, which the reaper sees, and its slot is used again.
 * So there is one line for each launch, and what the reaper remembers does not grow.
 */
export function tellOf(slots: Slots, write: (line: string) => void): LaunchListener {
	const find = (id: string) => slots.findIndex(slot => slot?.id === id);
	return {
		launched(id, run, launch) {
			const own = find(id);
			const free = own < 0 ? slots.indexOf(undefined) : own;
			const index = free < 0 ? slots.length : free;
			const line = describeDaemon(index, id, run, launch);
			// An empty slot: the reaper must not ask the process that was the daemon before.
			const told = line ?? (own < 0 ? undefined : `${index + 1}\n`);
			if (line !== undefined) slots[index] = { id, line };
			else if (own >= 0) slots[index] = undefined;
			if (told !== undefined) write(told);
		},
		over(id) {
			const index = find(id);
			if (index >= 0) slots[index] = undefined;
		},
	};
}
