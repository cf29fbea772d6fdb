/** The lines for a daemon's logger, one for each step. */
import { printable } from '../printable.ts';
import { describeRequest, type Request } from '../teardown/request.ts';
import { type Attempt, describeArgv } from './launch-failure.ts';

export function describeExec(pid: number, { argv, called }: Attempt): string {
	return `PID ${pid} is calling ${printable(called ?? `exec: ${describeArgv(argv)}`)}`;
}

export function describeAsking(pid: number, request: Request): string {
	return request.kind === 'signal'
		? `Killing PID ${pid} with ${request.signal}`
		: `Calling ${describeRequest(request)}`;
}

export function describeWaiting(phase: 'startup' | 'shutdown', name: string, ms: number): string {
	return `Waiting for the ${phase} of ${name}, for ${ms} ms at most`;
}
