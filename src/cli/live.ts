/** A terminal: a line for each service, which is drawn anew until all are ready or gone. */
import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import { now, sleep } from '../time/clock.ts';
import { describeError } from './describe-error.ts';
import { type Ledger, lastLines, type Row } from './ledger.ts';
import { describeDaemon, describeInterrupt } from './plain.ts';
import type { End, Reporter } from './reporter.ts';
import { showTime } from './show-time.ts';
import { bold, dim, paintState } from './style.ts';

const FRAME_MS = 100;

export class LiveReporter implements Reporter {
	readonly #terminal: NodeJS.WriteStream;
	#ledger: Ledger | undefined;
	/** How many lines have to be drawn anew. */
	#drawn = 0;
	#note = '';
	#pause = new AbortController();

	constructor(terminal: NodeJS.WriteStream) {
		this.#terminal = terminal;
	}

	onBegin(ledger: Ledger): void {
		this.#ledger = ledger;
		this.#animate();
	}

	onChange(row: Row): void {
		// After CMD the terminal is ours again.
		if (row.state === 'stopping' && this.#pause.signal.aborted) this.#animate();
		this.#draw();
	}

	onCmd(words: readonly string[]): void {
		this.#leave();
		this.#terminal.write(`${bold(words.join(' '))}\n`);
	}

	onInterrupt(signal: NodeJS.Signals): void {
		this.#note = describeInterrupt(signal);
		// CMD may be drawing its own screen.
		if (!this.#pause.signal.aborted) this.#draw();
	}

	onEnd({ errors }: End): void {
		this.#leave();
		for (const error of errors) this.#terminal.write(`${describeError(error)}\n`);
	}

	#animate(): void {
		this.#pause = new AbortController();
		const { signal } = this.#pause;
		const frames = async () => {
			for (;;) {
				this.#draw();
				await sleep(FRAME_MS, { signal, ref: false });
			}
		};
		frames().catch(() => {
			// The terminal is left to others.
		});
	}

	/** Leaves the lines as they are now, above what others write. */
	#leave(): void {
		if (this.#pause.signal.aborted) return;
		this.#draw();
		this.#pause.abort();
		this.#drawn = 0;
		this.#note = '';
	}

	#draw(): void {
		// A terminal that does not know its size says 0.
		const width = this.#terminal.columns || 80;
		const height = this.#terminal.rows || 24;
		const rows = this.#ledger?.rows ?? [];
		const longest = Math.max(...rows.map(({ name }) => name.length));
		const all = [...rows.map(row => this.#line(row, longest, width)), ...(this.#note === '' ? [] : [this.#note])];
		// What has scrolled away cannot be drawn anew.
		const lines = all.slice(-Math.max(1, height - 1));
		if (this.#drawn > 0) moveCursor(this.#terminal, 0, -this.#drawn);
		cursorTo(this.#terminal, 0);
		clearScreenDown(this.#terminal);
		this.#terminal.write(lines.map(line => `${line}\n`).join(''));
		this.#drawn = lines.length;
	}

	#line(row: Row, longest: number, width: number): string {
		const { name, state, since, readyMs, stoppedMs } = row;
		const isPending = state === 'starting' || state === 'stopping';
		const ms = isPending ? now() - since : state === 'waiting' ? undefined : (stoppedMs ?? readyMs);
		const time = (ms === undefined ? '' : showTime(ms)).padStart(11);
		const head = `${name.padEnd(longest)}  ${paintState(state, state.padEnd(8))}${time}`;
		const rest = cutTo(`  ${this.#detail(row)}`.trimEnd(), width - longest - 2 - 8 - 11 - 1);
		return head + (isPending ? dim(rest) : rest);
	}

	#detail(row: Row): string {
		const { state, daemon } = row;
		const missing = this.#ledger?.missingFor(row) ?? [];
		if (state === 'waiting') return missing.length === 0 ? '' : `for ${missing.join(', ')}`;
		if (state === 'ready' && daemon) return describeDaemon(daemon);
		if (state === 'starting' || state === 'stopping') return (daemon ? lastLines(daemon, 1)[0] : undefined) ?? '';
		return '';
	}
}

/** A line that is wider than the terminal would become two, and the next drawing would begin a line too low. */
function cutTo(text: string, width: number): string {
	let used = 0;
	let fitting = '';
	for (const character of text) {
		// Characters from the Hangul Jamo on may be twice as wide.
		used += (character.codePointAt(0) ?? 0) < 0x1100 ? 1 : 2;
		if (used > width) return fitting;
		fitting += character;
	}
	return fitting;
}
