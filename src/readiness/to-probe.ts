/** Makes a probe of everything that the option `ready` takes for one. */
import { isFunction, show } from '../option-rules.ts';
import { answered, type ProbeFunction } from './answered.ts';
import { descriptionsIn, Probe, type ProbeDescription } from './probe.ts';
import { isHttpUrl, responds } from './responds.ts';

/** A probe, a function that is asked again and again, or a URL, which stands for `responds(url)`. */
export type ProbeLike = Probe | ProbeFunction | URL | `http://${string}` | `https://${string}`;

/** One condition of readiness, or several that all have to hold. */
export type Ready = ProbeLike | readonly ProbeLike[];

export const PROBE_EXPECTED = "a probe, such as logged('ready'), a URL of http or https, or a function";

export const isProbeLike = (value: unknown): value is ProbeLike =>
	value instanceof Probe || isFunction(value) || isHttpUrl(value);

/** Give it only what {@link isProbeLike} accepts. */
export function toProbe(value: ProbeLike): Probe {
	if (value instanceof Probe) return value;
	return isFunction(value) ? answered(value) : responds(value);
}

/** The probes in the option `ready`. */
export function probesIn(ready: Ready): readonly Probe[] {
	return (Array.isArray(ready) ? (ready as readonly ProbeLike[]) : [ready as ProbeLike]).map(toProbe);
}

/** The descriptions of the probes in the option `ready`, and of all their parts. */
export const descriptionsOf = (ready: Ready = []): readonly ProbeDescription[] =>
	probesIn(ready).flatMap(descriptionsIn);

/** Whether the daemon needs a NOTIFY_SOCKET. */
export const hearsDaemon = (ready: Ready | undefined): boolean =>
	descriptionsOf(ready).some(probe => probe.hearsDaemon);

/** The descriptor to which the daemon writes a line; several probes can wait for the same one. */
export const descriptorsIn = (ready: Ready | undefined): readonly number[] => [
	...new Set(descriptionsOf(ready).flatMap(({ descriptor = [] }) => descriptor)),
];

export const isReady = (value: unknown): value is Ready =>
	Array.isArray(value) ? value.every(isProbeLike) : isProbeLike(value);

/** The probe inside of another one, or none if the value is no probe, for which {@link findPartProblems} has words. */
export const toParts = (value: unknown): readonly Probe[] => (isProbeLike(value) ? [toProbe(value)] : []);

/** Why a probe cannot be looked at again and again. */
export function findPartProblems(value: unknown): string[] {
	if (!isProbeLike(value)) return [`Expected ${PROBE_EXPECTED}, but got ${show(value)}.`];
	const events = descriptionsIn(toProbe(value)).filter(({ isEvent }) => isEvent);
	return events.map(({ name }) => `${name}() becomes true once and stays true, so it cannot be looked at again.`);
}
