/** Starts the services, runs CMD, and stops them, whatever comes in between. */
import { type DaemonGroup, type MemberChange, type RunningDaemon, type RunningGroup, withDaemons } from '../index.ts';
import { now } from '../time/clock.ts';
import { Cmd } from './cmd.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { handleInterrupts, isInForeground, toExitCode } from './interrupts.ts';
import { Ledger } from './ledger.ts';
import { portsOf, portVariables } from './ports.ts';
import type { Reporter } from './reporter.ts';

export interface WantedCmd {
	/** The command as it was given. */
	readonly words: readonly string[];
	/** The command with the path of its program. */
	readonly argv: readonly string[];
	/** Its working directory. */
	readonly cwd: string;
	/** The descriptor that becomes its stdout. */
	readonly stdout: number;
}

/** Makes the use of the services fail when CMD has failed, so that the library keeps their logs. */
class CmdFailedError extends Error {}

type Context = { readonly signal: AbortSignal; readonly exports: Readonly<Record<string, string>> };

export class CmdRun {
	readonly #wanted: WantedCmd;
	readonly #reporters: readonly Reporter[];
	readonly #begunAt = now();
	readonly #starting = new AbortController();
	/** The services whose start has begun. */
	readonly #services = new Map<string, RunningDaemon>();
	#phase: 'starting' | 'running' | 'stopping' = 'starting';
	#cmd: Cmd | undefined;
	/** Set once this program has asked CMD to end, because a service has died. */
	#ending: Promise<void> | undefined;
	#exitCode: number | undefined;
	#isForced = false;

	constructor(wanted: WantedCmd, reporters: readonly Reporter[]) {
		this.#wanted = wanted;
		this.#reporters = reporters;
	}

	/** Resolves with the exit code for the CLI, when nothing is left. */
	async run(group: DaemonGroup): Promise<number> {
		const interruptedBy = handleInterrupts({
			ask: signal => this.#ask(signal),
			force: () => this.#force(),
			isInteractive: () => this.#phase === 'running',
		});
		let using: Promise<void> | undefined;
		const use = (daemons: RunningGroup<DaemonGroup>, context: Context) => {
			using = this.#use(daemons, context);
			return using;
		};
		const ledger = new Ledger(group);
		this.#tell(reporter => reporter.onBegin?.(ledger));
		const { signal } = this.#starting;
		const onChange = (change: MemberChange) => this.#onChange(change, ledger);
		const errors = await withDaemons(group, use, { signal, onChange }).then(() => [], errorsIn);
		// The library does not wait for a use that goes on after a death.
		await Promise.allSettled([using]);
		await this.#ending;
		// After force, it is no news that a service needed it or has left processes.
		const isOurs = (error: unknown) =>
			this.#isForced || error instanceof CmdFailedError || causeOf(error) === INTERRUPTED;
		const told = errors.filter(error => !isOurs(error));
		const exitCode = this.#verdict(told[0], interruptedBy());
		const end = { rows: ledger.rows, errors: told, exitCode, ms: Math.round(now() - this.#begunAt) };
		this.#tell(reporter => reporter.onEnd?.(end));
		return exitCode;
	}

	async #use(daemons: RunningGroup<DaemonGroup>, { signal, exports }: Context): Promise<void> {
		const { words, ...how } = this.#wanted;
		this.#tell(reporter => reporter.onCmd?.(words, exports));
		const ports = Object.entries(daemons).map(([name, daemon]) => portVariables(name, portsOf(daemon)));
		const cmd = await Cmd.start({ ...how, env: Object.assign({}, process.env, ...ports, exports) });
		this.#cmd = cmd;
		this.#phase = 'running';
		const end = () => {
			if (this.#phase === 'running') this.#ending = cmd.end();
		};
		signal.addEventListener('abort', end, { once: true });
		if (signal.aborted) end();
		this.#exitCode = await cmd.exited;
		this.#phase = 'stopping';
		signal.removeEventListener('abort', end);
		const code = this.#exitCode;
		this.#tell(reporter => reporter.onCmdEnd?.(code));
		if (code !== 0) throw new CmdFailedError();
	}

	#onChange(change: MemberChange, ledger: Ledger): void {
		if (change.daemon) this.#services.set(change.name, change.daemon);
		const row = ledger.note(change);
		this.#tell(reporter => reporter.onChange?.(row));
	}

	#ask(signal: NodeJS.Signals): void {
		this.#tell(reporter => reporter.onInterrupt?.(signal));
		if (this.#phase === 'starting') this.#starting.abort(INTERRUPTED);
		else if (this.#phase === 'running' && !(signal === 'SIGINT' && isInForeground())) this.#cmd?.send(signal);
	}

	#force(): void {
		if (this.#isForced) return;
		this.#isForced = true;
		if (this.#phase === 'running') void this.#cmd?.kill();
		for (const daemon of this.#services.values()) killAtOnce(daemon);
	}

	#tell(event: (reporter: Reporter) => void): void {
		for (const reporter of this.#reporters) event(reporter);
	}

	/** The exit code for the CLI: that of CMD counts if CMD ended by itself. */
	#verdict(error: unknown, interruptedBy: NodeJS.Signals | undefined): number {
		const ownEnd = this.#ending === undefined ? this.#exitCode : undefined;
		if (interruptedBy && (this.#isForced || this.#exitCode === undefined)) return toExitCode(interruptedBy);
		if (ownEnd) return ownEnd;
		return error === undefined ? EXIT.done : exitCodeOf(error);
	}
}

/** The reason with which a signal aborts the start, so that its error is not taken for a failure. */
const INTERRUPTED = Symbol('interrupted');

function killAtOnce(daemon: RunningDaemon): void {
	daemon.kill('SIGKILL');
	// Only now: `kill()` has taken the time for the shutdown as the time within which the end is no death.
	daemon.shutdownTimeout = 1;
}

const causeOf = (error: unknown) => (error instanceof Error ? error.cause : undefined);

const errorsIn = (error: unknown): readonly unknown[] => (error instanceof AggregateError ? error.errors : [error]);
