/** What a daemon says about itself on its notify socket: each datagram has lines `NAME=value` (sd_notify(3)). */
import type { EvidenceRow } from '../error-text.ts';
import { printable } from '../printable.ts';
import { type Deadline, deferred, MOST_EXTENDED } from '../time/deadline.ts';

/** Takes a process for the daemon. Returns why it does not, unless that is the daemon already. */
export type TakeMain = (pid: number) => string | undefined;

export class Notifications {
	/** Resolves when the daemon has said READY=1. */
	readonly ready: Promise<void>;
	readonly #beReady: () => void;
	#isReady = false;
	#isStopping = false;
	#deadline: Deadline | undefined;
	#status: string | undefined;
	#mainPid: number | undefined;
	#takeMain: TakeMain | undefined;
	#whyNotTaken: string | undefined;

	constructor() {
		const { promise, resolve } = deferred<void>();
		this.ready = promise;
		this.#beReady = () => {
			this.#isReady = true;
			resolve();
		};
	}

	/** Its latest STATUS, for messages. */
	get status(): string | undefined {
		return this.#status === undefined ? undefined : printable(this.#status);
	}

	/** Its latest MAINPID. It may be any process: the caller has to find out whether it is one of the daemon. */
	get mainPid(): number | undefined {
		return this.#mainPid;
	}

	/** From now on, each MAINPID is handed to `take`, and so is one that was said before. */
	onMainPid(take: TakeMain): void {
		this.#takeMain = take;
		this.#tellMain();
	}

	/** From now on, EXTEND_TIMEOUT_USEC extends this deadline, or none. */
	heed(deadline: Deadline | undefined): void {
		this.#deadline = deadline;
	}

	hear(datagram: string): void {
		let mainPid: number | undefined;
		for (const line of datagram.split('\n')) {
			const [, name, value = ''] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
			if (name === 'STATUS') this.#status = value;
			if (line === 'STOPPING=1') this.#isStopping = true;
			if (name === 'EXTEND_TIMEOUT_USEC' && /^\d{1,18}$/.test(value)) this.#deadline?.extend(Number(value) / 1000);
			if (name === 'MAINPID' && /^[1-9]\d{0,9}$/.test(value)) mainPid = Number(value);
		}
		// Only the last of a datagram counts: each means a look at all processes, and thousands of lines fit into one.
		if (mainPid !== undefined) {
			this.#mainPid = mainPid;
			this.#tellMain();
		}
		// The other lines of the same datagram come first, whatever their order.
		if (/^READY=1$/m.test(datagram)) this.#beReady();
	}

	/** Rows for errors. Until the daemon is ready, its STATUS is the reason why it is not. */
	describe(): EvidenceRow[] {
		const said = [
			...(this.#isReady && this.status !== undefined ? [`STATUS=${this.status}`] : []),
			...(this.#isStopping ? ['STOPPING=1'] : []),
			...this.#describeExtension(),
			...(this.#whyNotTaken === undefined ? [] : [`MAINPID ${this.#whyNotTaken}`]),
		];
		return said.map(text => ['notified', text]);
	}

	#describeExtension(): string[] {
		const { givenMs = 0, ms = 0 } = this.#deadline ?? {};
		if (ms === givenMs) return [];
		const isMost = ms === givenMs * MOST_EXTENDED;
		return [`EXTEND_TIMEOUT_USEC extended ${givenMs} ms to ${ms} ms${isMost ? ', which is the most' : ''}`];
	}

	#tellMain(): void {
		if (this.#mainPid !== undefined) this.#whyNotTaken = this.#takeMain?.(this.#mainPid);
	}
}
