/** Plain lines on stderr, for pipes and logs. */
import type { MemberChange, RunningDaemon } from '../index.ts';
import { now } from '../time/clock.ts';
import { describeError } from './describe-error.ts';
import { portsOf } from './ports.ts';
import type { Reporter } from './reporter.ts';

export class PlainReporter implements Reporter {
	readonly #since = new Map<string, number>();

	onChange({ name, state, daemon, error }: MemberChange): void {
		const ms = Math.round(now() - (this.#since.get(name) ?? now()));
		if (state === 'starting' || state === 'stopping') this.#since.set(name, now());
		if (state === 'starting') this.say(`${name} is starting`);
		if (state === 'ready') this.say(`${name} is ready after ${ms} ms${daemon ? `, ${describeDaemon(daemon)}` : ''}`);
		if (state === 'stopping') this.say(`${name} is stopping`);
		if (state === 'stopped') this.say(`${name} has stopped after ${ms} ms`);
		if (state === 'failed' && error !== undefined) this.say(`${name} has failed after ${ms} ms`);
	}

	onCmd(argv: readonly string[]): void {
		this.say(`running ${argv.join(' ')}`);
	}

	onCmdEnd(exitCode: number): void {
		this.say(`the command has exited with code ${exitCode}`);
	}

	onInterrupt(signal: NodeJS.Signals): void {
		this.say(`got ${signal}: stopping; once more ends everything by force`);
	}

	onEnd(errors: readonly unknown[]): void {
		for (const error of errors) console.error(describeError(error));
	}

	say(line: string): void {
		console.error(`withdaemon: ${line}`);
	}
}

/** Such as `pid 4211, port 41231`. */
export function describeDaemon(daemon: RunningDaemon): string {
	return [`pid ${daemon.pid}`, ...Object.entries(portsOf(daemon)).map(([name, port]) => `${name} ${port}`)].join(', ');
}
