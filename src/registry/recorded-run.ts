/** Takes hold of a run that another process began, by what it has noted. */
import { attach } from '../launch/attach.ts';
import type { DaemonProcess } from '../launch/daemon-process.ts';
import type { Request } from '../teardown/request.ts';
import type { AskedRecord, LaunchRecord, RunRecord } from './fact.ts';
import { isOwnProcess } from './ownership.ts';

/** Undefined if a process that is noted is not provably the daemon's. `asked`: what the sleeping reaper has noted. */
export function attachToRun(
	{ marker }: RunRecord,
	launched: LaunchRecord,
	asked?: AskedRecord,
): DaemonProcess | undefined {
	const areOurs = [launched.identity, launched.launcher].every(each => isOwnProcess(each, marker));
	return areOurs ? attach(launched.identity, { ...launched, marker, inSessionAt: asked?.inSessionAt }) : undefined;
}

/** A program gets the environment of this process, with the variables that the options add. */
export function toRequest({ request, killMode }: RunRecord): Request {
	if (request.kind === 'signal') return { ...request, killMode };
	const added = Object.entries(request.env).map(([name, value]) => [name, value ?? undefined]);
	return { kind: 'program', program: { ...request, env: { ...process.env, ...Object.fromEntries(added) } } };
}
