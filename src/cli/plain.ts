/** Plain lines on stderr, for pipes and logs. */
import type { RunningDaemon } from '../index.ts';
import { now, sleep } from '../time/clock.ts';
import { describeError } from './describe-error.ts';
import { type Ledger, lastLines, type Row } from './ledger.ts';
import { portsOf } from './ports.ts';
import type { End, Reporter } from './reporter.ts';
import { showTime } from './show-time.ts';
import { dim, paintState } from './style.ts';

/** Nobody should have to ask what a quiet CI job is waiting for. */
const REMINDER_MS = 5000;

export class PlainReporter implements Reporter {
	#ledger: Ledger | undefined;
	readonly #over = new AbortController();

	onBegin(ledger: Ledger): void {
		this.#ledger = ledger;
		this.#remind().catch(() => {
			// It is over.
		});
	}

	onChange(row: Row): void {
		const line = describeChange(row);
		if (line !== undefined) say(line);
	}

	onCmd(words: readonly string[], _exports: Readonly<Record<string, string>>): void {
		say(`running ${words.join(' ')}`);
	}

	onCmdEnd(exitCode: number): void {
		say(`the command has exited with code ${exitCode}`);
	}

	onInterrupt(signal: NodeJS.Signals): void {
		say(describeInterrupt(signal));
	}

	onEnd({ errors }: End): void {
		this.#over.abort();
		for (const error of errors) console.error(describeError(error));
	}

	async #remind(): Promise<void> {
		for (;;) {
			await sleep(REMINDER_MS, { signal: this.#over.signal, ref: false });
			for (const row of this.#ledger?.rows ?? []) if (isPending(row)) say(describePending(row));
		}
	}
}

/** Whether a service has been starting or stopping for so long that somebody may wonder. */
const isPending = ({ state, since }: Row) =>
	(state === 'starting' || state === 'stopping') && now() - since > REMINDER_MS / 2;

const say = (line: string) => console.error(`withdaemon: ${line}`);

export const describeInterrupt = (signal: NodeJS.Signals): string =>
	`got ${signal}, stopping; once more ends everything by force`;

function describeChange({ name, state, readyMs = 0, stoppedMs, daemon }: Row): string | undefined {
	const word = paintState(state, state);
	if (state === 'ready' && daemon) return `${name} is ${word} after ${showTime(readyMs)}, ${describeDaemon(daemon)}`;
	if (state === 'done') return `${name} is ${word} after ${showTime(readyMs)}`;
	if (state === 'stopped')
		return `${name} has ${word}${stoppedMs === undefined ? '' : ` after ${showTime(stoppedMs)}`}`;
	if (state === 'failed') return `${name} has ${word}`;
	return `${name} is ${word}`;
}

/** Such as `web is starting for 5.0 s: compiling`, with the last line that it has logged. */
export function describePending({ name, state, since, daemon }: Row): string {
	const [line] = daemon ? lastLines(daemon, 1) : [];
	const said = line === undefined ? ', and has logged nothing' : `: ${dim(line)}`;
	return `${name} is ${state} for ${showTime(now() - since)}${said}`;
}

/** Such as `pid 4211, port 41231`. */
export function describeDaemon(daemon: RunningDaemon): string {
	return [`pid ${daemon.pid}`, ...Object.entries(portsOf(daemon)).map(([name, port]) => `${name} ${port}`)].join(', ');
}
