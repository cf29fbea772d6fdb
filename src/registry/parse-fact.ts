/** Checks a line of an entry like any input: a fact that this library would not have written is ignored. */
import { isAbsolute } from 'node:path';
import { toSignal } from '../process/signals.ts';
import type { AskedRecord, Fact, LaunchRecord, RecordedRequest, ReleasedRecord, RunRecord } from './fact.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Empty if no caller would write this line, or if the line is incomplete. */
export function parseFact(line: string): Fact[] {
	const fact = parseJson(line);
	if (!isRecord(fact)) return [];
	const { folder, run, launched, asked, released } = fact;
	if (isPath(folder)) return [{ folder }];
	if (isRun(run)) return [{ run }];
	if (isReleased(released)) return [{ released }];
	if (isAsked(asked)) return [{ asked }];
	return isLaunch(launched) ? [{ launched }] : [];
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// SyntaxError: the line is incomplete.
		return undefined;
	}
}

function isRun(run: unknown): run is RunRecord {
	if (!isRecord(run)) return false;
	const { name, marker, pidFile, request, killMode, shutdownTimeout } = run;
	const isAsked = isRequest(request) && (killMode === 'group' || killMode === 'process');
	return isText(name) && isMarker(marker) && isPath(pidFile) && isAsked && isTime(shutdownTimeout);
}

function isRequest(request: unknown): request is RecordedRequest {
	if (!isRecord(request)) return false;
	const { kind, signal, argv, cwd, env } = request;
	if (kind === 'signal') return isSignal(signal);
	const isArgv = Array.isArray(argv) && argv.length > 0 && argv.every(isText) && argv[0] !== '';
	return kind === 'program' && isArgv && isPath(cwd) && isRecord(env) && Object.entries(env).every(isVariable);
}

const isSignal = (signal: unknown) => typeof signal === 'string' && toSignal(signal) === signal;

function isVariable([name, value]: [string, unknown]): boolean {
	return isText(name) && !name.includes('=') && (value === null || isText(value));
}

function isLaunch(launched: unknown): launched is LaunchRecord {
	if (!isRecord(launched)) return false;
	const { marker, identity, launcher, since } = launched;
	return isMarker(marker) && isIdentity(identity) && isIdentity(launcher) && isStartPoint(since);
}

function isAsked(asked: unknown): asked is AskedRecord {
	return isRecord(asked) && isIdentity(asked) && isNatural(asked['pgid']) && isNatural(asked['inSessionAt']);
}

/** The pid must not be init's, nor 0 or negative, which kill(2) takes for process groups. */
function isIdentity(identity: unknown): boolean {
	return isRecord(identity) && isNatural(identity['pid']) && identity['pid'] > 1 && isText(identity['startTime']);
}

/** JSON has no NaN, so an unknown count is null. */
function isStartPoint(point: unknown): boolean {
	return isRecord(point) && isNatural(point['pid']) && (point['forks'] === null || isNatural(point['forks']));
}

function isReleased(released: unknown): released is ReleasedRecord {
	if (!isRecord(released)) return false;
	const { name, checkout, machine, definition, options, ports, captures, exports, dependsOn, log, strict } = released;
	const isKnown = isText(name) && name !== '' && isPath(checkout) && isMachine(machine);
	const isDefined = isMapOf(isText)(definition) && (options === undefined || isRecord(options));
	const isFilled = isMapOf(isPort)(ports) && [captures, exports].every(isMapOf(isText));
	const isTied =
		[dependsOn, released['udp']].every(isList) &&
		isListOfPaths(released['sockets']) &&
		(log === undefined || isLog(log));
	const isTimed = [released['startedAt'], released['readyAfter']].every(isTime);
	const { diagnosticSignal: signal } = released;
	const isEnded = typeof strict === 'boolean' && (signal === undefined || isSignal(signal));
	return isKnown && isDefined && isFilled && isTied && isTimed && isEnded;
}

const isList = (list: unknown) => Array.isArray(list) && list.every(isText);

const isListOfPaths = (list: unknown) => Array.isArray(list) && list.every(isPath);

const isLog = (log: unknown) => isRecord(log) && isPath(log['path']) && isNatural(log['offset']);

const isMachine = (machine: unknown) =>
	isRecord(machine) && [machine['host'], machine['boot'], machine['namespace']].every(isText);

const isMapOf = (isValue: (value: unknown) => boolean) => (map: unknown) =>
	isRecord(map) && Object.values(map).every(isValue);

const isPort = (value: unknown) => isNatural(value) && value >= 1 && value <= 65_535;

const isRecord = (value: unknown): value is Fields =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** A C string cannot hold a NUL. */
const isText = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0');

/** A time in ms. */
const isTime = (value: unknown): value is number => Number.isFinite(value) && (value as number) >= 0;

const isNatural = (value: unknown): value is number => Number.isInteger(value) && isTime(value);

/** The format of makeMarker. */
const isMarker = (value: unknown): boolean => isText(value) && /^[0-9a-f]{16}$/.test(value);

const isPath = (value: unknown): value is string => isText(value) && isAbsolute(value);
