/** Follows a command that daemonizes itself to the daemon that its PID file or its MAINPID names, as systemd does. */
import { existsSync } from 'node:fs';
import type { ExitStatus } from '../error-text.ts';
import { type Silence, type Silent, whenSilent } from '../log/silence.ts';
import { readClaim } from '../pid-file/claim.ts';
import { printable } from '../printable.ts';
import { identify, type ProcessIdentity } from '../process/identity.ts';
import { readCommandLine } from '../process/table.ts';
import { now } from '../time/clock.ts';
import { Part, unlessAborted } from '../time/deadline.ts';
import { growingIntervalMs, pause } from '../time/poll.ts';
import { type DaemonProcess, processesOf, type Uncaught, whenGone } from './daemon-process.ts';

/** `left nothing`: the command exited with 0, and no process of it is there. */
export type Followed =
	| { readonly kind: 'followed'; readonly process: DaemonProcess }
	| { readonly kind: 'left nothing'; readonly why: string }
	| Silent
	| { readonly kind: 'exited'; readonly exit: ExitStatus; readonly uncaught: Uncaught | undefined };

export class Follower {
	/** A noun phrase for error messages. */
	readonly name: string;
	readonly #path: string;
	readonly #mainPid: () => number | undefined;
	#reason = 'its command has not exited yet: tell it to daemonize itself, or leave out `forking`';

	/** @param mainPid the MAINPID that the daemon has said, which comes before the PID file. */
	constructor(pidFile: string, mainPid: () => number | undefined) {
		this.#path = pidFile;
		this.#mainPid = mainPid;
		this.name = `its PID file ${pidFile}`;
	}

	/** Why there is no daemon to follow yet. */
	reason(): string {
		return this.#reason;
	}

	/**
	 * Resolves when the command has exited with 0 and its PID file names one of its processes, or when that can no
	 * longer happen. Rejects with the signal's reason if the signal is aborted first.
	 */
	async follow(command: DaemonProcess, signal: AbortSignal, silence?: Silence): Promise<Followed> {
		if (silence === undefined) return await this.#find(command, signal);
		const part = new Part(signal);
		try {
			return await Promise.race([this.#find(command, part.signal), whenSilent(silence, part.signal)]);
		} finally {
			part.end();
		}
	}

	async #find(command: DaemonProcess, signal: AbortSignal): Promise<Followed> {
		const exit = await unlessAborted(command.exited, signal);
		this.#reason = 'counts once its command has exited with 0';
		if (exit.code !== 0) return { kind: 'exited', exit, uncaught: command.uncaughtAt(exit) };
		const since = now();
		for (;;) {
			const result = this.#look(command);
			if (result !== undefined) return result;
			await pause(growingIntervalMs(now() - since), signal);
		}
	}

	/**
	 * The owner of the file does not matter, as for the claims of other PID files: whoever writes it can only choose
	 * among the processes that this very start has made, which their marker, group or session proves.
	 */
	#look(command: DaemonProcess): Followed | undefined {
		const claims = [this.#mainPid(), readClaim(this.#path)?.pid].filter(pid => pid !== undefined);
		const processes = processesOf(command);
		const [daemon] = claims.flatMap(claim => processes.find(({ pid }) => pid === claim) ?? []);
		const claimed = claims.at(-1);
		if (daemon !== undefined) return { kind: 'followed', process: followTo(daemon, command) };
		this.#reason = claimed === undefined ? this.#whyNoClaim() : whyNotOwn(claimed);
		return processes.length === 0 ? { kind: 'left nothing', why: `${this.name} ${this.#reason}` } : undefined;
	}

	#whyNoClaim(): string {
		return existsSync(this.#path) ? 'holds no pid, or is not a regular file' : 'does not exist';
	}
}

/** The process with this pid, if the launch has made it. */
export function findOwn(pid: number, launched: DaemonProcess): ProcessIdentity | undefined {
	return processesOf(launched).find(each => each.pid === pid);
}

/** Completes a sentence about what names this pid. */
export function whyNotOwn(pid: number): string {
	if (identify(pid) === undefined) return `names process ${pid}, which does not run`;
	const command = printable(readCommandLine(pid) ?? '');
	return `names process ${pid} (${command}), which this start has not made`;
}

/**
 * From now on the daemon is this process of the launch. It is nobody's child here, so no event announces its end, and
 * its exit status is unknown.
 */
export function followTo({ pid, startTime }: ProcessIdentity, launched: DaemonProcess): DaemonProcess {
	const identity = { pid, startTime };
	return {
		...launched,
		identity,
		userCodeStarted: Promise.resolve(),
		executed: () => Promise.resolve(),
		exited: whenGone(identity),
		isDying: () => false,
		uncaughtAt: () => undefined,
	};
}
