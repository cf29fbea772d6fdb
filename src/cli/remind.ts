/** Says every few seconds which services of a start are waited for, since when, and what they have logged last. */
import type { DaemonGroup, MemberChange } from '../index.ts';
import { Ledger } from './ledger.ts';
import { PlainReporter } from './plain.ts';

export interface Reminder {
	onChange(change: MemberChange): void;
	/** Ends the reminders. */
	end(): void;
}

export function remind(group: DaemonGroup): Reminder {
	const [ledger, reporter] = [new Ledger(group), new PlainReporter()];
	reporter.onBegin(ledger);
	return {
		onChange: change => void ledger.note(change),
		end: () => reporter.onEnd({ rows: ledger.rows, errors: [], exitCode: 0, ms: 0 }),
	};
}
