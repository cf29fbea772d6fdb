/**
 * CMD, the command that needs the services: it runs in the foreground, with the stdin, stdout and stderr of the CLI.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { InvalidOptionError } from '../index.ts';
import { findProgram } from '../launch/command.ts';
import { type Guard, guardCommand } from '../reaper/guard-command.ts';
import { settlesWithin } from '../time/deadline.ts';
import { CannotRunError } from './exit-codes.ts';

/**
 * The command with the path of its program, which may be one of `node_modules/.bin`, as for services.
 *
 * @throws {@link CannotRunError}, or {@link InvalidOptionError} for an empty word, before any service is started.
 */
export function findCmd([file = '', ...args]: readonly string[], cwd: string): readonly string[] {
	if (file === '') throw new InvalidOptionError('withdaemon', ['CMD is empty: give a program after --.']);
	try {
		return [findProgram(file, cwd, process.env['PATH']), ...args];
	} catch (error) {
		throw new CannotRunError(file, error);
	}
}

interface HowToStart {
	readonly argv: readonly string[];
	readonly cwd: string;
	readonly env: NodeJS.ProcessEnv;
	/** The descriptor that becomes its stdout. */
	readonly stdout: number;
}

/** How long CMD may take to end after SIGTERM. */
const GRACE_MS = 5000;

export class Cmd {
	readonly #child: ChildProcess;
	readonly #guard: Guard;
	/** The exit code of CMD. If a signal ended it, 128 plus the number of the signal, as in shells. */
	readonly exited: Promise<number>;

	static async start({ argv, cwd, env, stdout }: HowToStart): Promise<Cmd> {
		const [file = '', ...args] = argv;
		const guard = await guardCommand(file);
		const child = spawn(file, args, { cwd, stdio: [0, stdout, 2], env: { ...env, ...guard.env } });
		return new Cmd(file, child, guard);
	}

	private constructor(file: string, child: ChildProcess, guard: Guard) {
		this.#child = child;
		this.#guard = guard;
		this.exited = once(child, 'exit')
			.then(([code, signal]) => (signal === null ? code : 128 + constants.signals[signal as NodeJS.Signals]))
			.catch(error => {
				throw new CannotRunError(file, error);
			})
			.finally(() => guard.release());
		this.exited.catch(() => {});
	}

	send(signal: NodeJS.Signals): void {
		this.#child.kill(signal);
	}

	/** Asks CMD to end. If it does not, kills it and all that it has started. */
	async end(): Promise<void> {
		this.send('SIGTERM');
		if (!(await settlesWithin(this.exited, GRACE_MS).catch(() => true))) await this.kill();
	}

	async kill(): Promise<void> {
		this.#child.kill('SIGKILL');
		await this.#guard.kill();
	}
}
