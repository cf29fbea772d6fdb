/** Writes one JSON object per line to stdout, for programs. The stdout of CMD goes to stderr then. */
import { types } from 'node:util';
import { wallClock } from '../time/clock.ts';
import type { Row } from './ledger.ts';
import { portsOf } from './ports.ts';
import type { End, Reporter } from './reporter.ts';

export class JsonReporter implements Reporter {
	onChange({ name, state, readyMs, stoppedMs, daemon, errors }: Row): void {
		const error = state === 'failed' || stoppedMs !== undefined ? errors.at(-1) : undefined;
		const hasPid = daemon !== undefined && (state === 'ready' || state === 'stopping');
		write('service', {
			name,
			state,
			...(hasPid ? { pid: daemon.pid, port: portsOf(daemon)['port'] ?? null, ports: daemon.ports } : {}),
			...(state === 'ready' || state === 'done' ? { ms: readyMs } : {}),
			...(stoppedMs === undefined ? {} : { ms: stoppedMs }),
			...(error === undefined ? {} : { error: toJson(error) }),
		});
	}

	onCmd(argv: readonly string[]): void {
		write('command', { argv });
	}

	onCmdEnd(exitCode: number): void {
		write('command-end', { exitCode });
	}

	onInterrupt(signal: NodeJS.Signals): void {
		write('signal', { signal });
	}

	onEnd({ errors, exitCode, ms }: End): void {
		write('end', { exitCode, ms, errors: errors.map(toJson) });
	}
}

function write(event: string, facts: object): void {
	console.log(JSON.stringify({ event, at: new Date(wallClock()).toISOString(), ...facts }));
}

function toJson(error: unknown): object {
	if (!types.isNativeError(error)) return { message: String(error) };
	const { code, daemon } = error as { readonly code?: unknown; readonly daemon?: unknown };
	return { code, daemon, message: error.message };
}
