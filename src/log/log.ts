/** The log of a daemon: what it wrote to stdout and stderr, or the `logFile` that it writes itself. */
import { existsSync, statSync } from 'node:fs';
import type { EvidenceRow } from '../error-text.ts';
import { TimeoutError } from '../errors.ts';
import { now } from '../time/clock.ts';
import { Deadline, keepAlive } from '../time/deadline.ts';
import type { Captures, Pattern } from './captures.ts';
import { boundLine, LineMatcher, type LogMatch, showPattern } from './line-matcher.ts';
import { Pieces, type PiecesEnd } from './pieces.ts';
import { plain } from './plain.ts';
import { hasChangedSince, type LogPosition, positionAt, readPosition, watchForRewrite } from './position.ts';
import { LogReader } from './reader.ts';
import { describeLines, toLines } from './show.ts';
import { LogSlice } from './slice.ts';
import { LogWatcher } from './watcher.ts';

/** `text()` returns this much at most, as a string has to fit into memory. */
const LONGEST_TEXT = 64 * 1024 * 1024;
/** `tail()` looks at this much, which is enough for a stack trace or two. */
const TAIL_BYTES = 64 * 1024;

/** How {@link Log.waitFor} waits. */
export interface WaitForOptions {
	/** Ms until a `TimeoutError`. Defaults to the daemon's `timeout`. */
	readonly timeout?: number;
	/** Ends the wait, which then rejects with the signal's reason. */
	readonly signal?: AbortSignal;
}

/** The daemon of a log, and how long a wait for a line may take. */
interface Listened {
	readonly name: string;
	readonly timeout: number;
}

/** The daemon's output since this start. Earlier content of the file belongs to others and is never shown. */
export class Log {
	/** The file. */
	readonly path: string;
	readonly #daemon: Listened;
	readonly #over: () => Promise<unknown> | undefined;
	#position: LogPosition | undefined;
	#unwatch: (() => void) | undefined;
	#polledBecause: string | undefined;
	/** @internal When the first output of this start was seen, in ms since the start of this process. */
	firstOutputAt: number | undefined;

	/**
	 * @internal `daemon` may be renamed later. `over` returns the promise that settles when nothing more will be written.
	 */
	constructor(path: string, daemon: Listened, over: () => Promise<unknown> | undefined) {
		this.path = path;
		this.#daemon = daemon;
		this.#over = over;
	}

	/** @internal A new start begins: from here on the log is its log. */
	startOver(): void {
		this.startIsOver();
		this.#position = readPosition(this.path);
		this.#unwatch = watchForRewrite(this.#position);
		this.firstOutputAt = undefined;
	}

	/** @internal How many bytes of the file are from before this start. */
	get offset(): number {
		const position = this.#start();
		return position.wasRewritten ? 0 : position.size;
	}

	/** @internal Another process has made the start, which began after this many bytes of the file. */
	continueAt(offset: number): void {
		this.#position = positionAt(this.path, offset);
	}

	/** @internal The start is over: from here on only the log's readers look at the file. */
	startIsOver(): void {
		this.#unwatch?.();
		this.#unwatch = undefined;
	}

	/** @internal Whether anything was written since this start began. */
	hasChanged(): boolean {
		return hasChangedSince(this.#start());
	}

	/** @internal Ms since the epoch. */
	lastWrittenAt(): number {
		return statSync(this.path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
	}

	/** Everything logged since this start, at most the last 64 MiB of it, as the daemon wrote it. */
	text(): string {
		return this.#last(LONGEST_TEXT);
	}

	/** @internal What is logged from now on, or since this start. */
	slice(isSinceStart: boolean): LogSlice {
		return new LogSlice(isSinceStart ? this.#start() : readPosition(this.path));
	}

	/** {@link text}, as lines without colours. */
	lines(): string[] {
		return toLines(this.text());
	}

	/** The last lines logged since this start, without colours. Looks at no more than the last 64 KiB. */
	tail(count = 20): string[] {
		return count > 0 ? toLines(this.#last(TAIL_BYTES)).slice(-count) : [];
	}

	/**
	 * Resolves with the first line since this start that matches; a line that is already there counts. A string is
	 * matched literally. A RegExp is matched line by line, and sees 2048 characters at each end of a line of more than
	 * 4096.
	 *
	 * @throws {@link TimeoutError} if no line matched in time, or if the daemon ended before that.
	 */
	async waitFor<Groups extends Captures = Captures>(
		pattern: Pattern<Groups>,
		options: WaitForOptions = {},
	): Promise<LogMatch<Groups>> {
		const deadline = new Deadline(options.timeout ?? this.#daemon.timeout);
		const ended = this.#untilOver();
		const hurry = AbortSignal.any([deadline.signal, ...(options.signal ? [options.signal] : [])]);
		const matcher = new LineMatcher(pattern);
		try {
			// The type of the pattern says which groups there are.
			return (await this.find(matcher, AbortSignal.any([hurry, ended]), hurry)) as LogMatch<Groups>;
		} catch (error) {
			if (options.signal?.aborted || !(deadline.signal.aborted || ended.aborted)) throw error;
			const what = deadline.signal.aborted
				? `did not log ${showPattern(pattern)} within ${deadline.ms} ms`
				: `ended without having logged ${showPattern(pattern)}`;
			const waiting = ['waiting for', `log line ${showPattern(pattern)}   ${matcher.reason}`] as const;
			throw new TimeoutError(this.#daemon.name, what, deadline.ms, { evidence: [waiting, ...this.evidence()] });
		} finally {
			deadline.clear();
		}
	}

	/**
	 * Yields the lines since this start and every new one, without colours, until the daemon has ended or the loop is
	 * left.
	 */
	async *follow(): AsyncGenerator<string, void, undefined> {
		let unfinished = '';
		const { pieces, close } = this.#open({ signal: this.#untilOver() });
		try {
			for (;;) {
				const { value: piece, done } = await keepAlive(pieces.next());
				if (done) break;
				this.firstOutputAt ??= now();
				const lines = `${unfinished}${piece.toString()}`.split('\n');
				unfinished = boundLine(lines.pop() ?? '');
				for (const line of lines) yield plain(line);
			}
		} finally {
			close();
		}
		if (unfinished !== '') yield plain(unfinished);
	}

	/**
	 * @internal The first match. After the signal's abort it still looks at what was written before; once `hurry` is
	 * aborted too, it does so only for a moment. The caller has a deadline, which keeps the event loop alive.
	 */
	async find(matcher: LineMatcher, signal: AbortSignal, hurry = signal): Promise<LogMatch> {
		const onUnread = (bytes: number) => {
			matcher.unreadBytes = bytes;
		};
		// The line is matched when it has come to rest, not each time that it grows: a long one would be matched for ever.
		const { pieces, close } = this.#open({ signal, hurry, asksForRest: () => matcher.isOpen, onUnread });
		try {
			for await (const piece of pieces) {
				this.firstOutputAt ??= now();
				const match = piece.length > 0 ? matcher.pushBytes(piece) : matcher.matchUnfinished();
				if (match) return match;
			}
		} finally {
			close();
		}
		const match = matcher.matchUnfinished();
		if (match) return match;
		throw signal.reason;
	}

	/** @internal Resolves when something was written since this start. */
	async changed(signal: AbortSignal): Promise<void> {
		const watcher = this.#watch();
		try {
			while (!this.hasChanged()) await watcher.next(signal);
			this.firstOutputAt ??= now();
		} finally {
			watcher.close();
		}
	}

	/** @internal Rows for an error: the last lines, or a row that says that there are none. */
	evidence(): EvidenceRow[] {
		const lines = this.tail();
		if (lines.length === 0)
			return [['log', existsSync(this.path) ? `nothing was written to ${this.path}` : `${this.path} does not exist`]];
		return [
			...(this.#polledBecause === undefined
				? []
				: [['log', `polled every few ms, as it cannot be watched (${this.#polledBecause})`] as const]),
			...describeLines(lines),
		];
	}

	#open(end: PiecesEnd): { readonly pieces: Pieces; close(): void } {
		const watcher = this.#watch();
		const reader = new LogReader(this.#start());
		const close = () => {
			reader.close();
			watcher.close();
		};
		return { pieces: new Pieces(reader, watcher, end), close };
	}

	/** Where the log stood before this start; before the first start, where it stands now. */
	#start(): LogPosition {
		this.#position ??= readPosition(this.path);
		return this.#position;
	}

	/** Aborts when the daemon has ended; soon if there is none. */
	#untilOver(): AbortSignal {
		const ended = new AbortController();
		void Promise.resolve(this.#over()).then(() => ended.abort());
		return ended.signal;
	}

	#watch(): LogWatcher {
		const watcher = new LogWatcher(this.#start().path);
		this.#polledBecause = watcher.pollingBecause;
		return watcher;
	}

	#last(bytes: number): string {
		return new LogSlice(this.#start()).read(bytes).text;
	}
}
