/** A line of an entry is checked like any input: what this library would not have noted is not obeyed. */
import { isAbsolute } from 'node:path';
import { toSignal } from '../process/signals.ts';
import type { Fact, LaunchRecord, RecordedRequest, RunRecord } from './fact.ts';

type Fields = Readonly<Record<string, unknown>>;

/** None, if it is not what a caller has written, or has not written to its end. */
export function parseFact(line: string): Fact[] {
	const fact = parseJson(line);
	if (!isRecord(fact)) return [];
	const { folder, run, launched } = fact;
	if (isPath(folder)) return [{ folder }];
	if (isRun(run)) return [{ run }];
	return isLaunch(launched) ? [{ launched }] : [];
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		// SyntaxError.
		return undefined;
	}
}

function isRun(run: unknown): run is RunRecord {
	if (!isRecord(run)) return false;
	const { name, marker, pidFile, request, killMode, shutdownTimeout } = run;
	const isAsked = isRequest(request) && (killMode === 'group' || killMode === 'process');
	return isText(name) && isMarker(marker) && isPath(pidFile) && isAsked && isNatural(shutdownTimeout);
}

function isRequest(request: unknown): request is RecordedRequest {
	if (!isRecord(request)) return false;
	const { kind, signal, argv, cwd, env } = request;
	if (kind === 'signal') return typeof signal === 'string' && toSignal(signal) === signal;
	const isArgv = Array.isArray(argv) && argv.length > 0 && argv.every(isText) && argv[0] !== '';
	return kind === 'program' && isArgv && isPath(cwd) && isRecord(env) && Object.entries(env).every(isVariable);
}

function isVariable([name, value]: [string, unknown]): boolean {
	return isText(name) && !name.includes('=') && (value === null || isText(value));
}

function isLaunch(launched: unknown): launched is LaunchRecord {
	if (!isRecord(launched)) return false;
	const { marker, identity, launcher, since } = launched;
	return isMarker(marker) && isIdentity(identity) && isIdentity(launcher) && isMark(since);
}

/** Neither init nor, as kill(2) takes 0 and negative numbers, a process group. */
function isIdentity(identity: unknown): boolean {
	return isRecord(identity) && isNatural(identity['pid']) && identity['pid'] > 1 && isText(identity['startTime']);
}

/** JSON has no NaN: null for a count that nobody could tell. */
function isMark(mark: unknown): boolean {
	return isRecord(mark) && isNatural(mark['pid']) && (mark['forks'] === null || isNatural(mark['forks']));
}

const isRecord = (value: unknown): value is Fields =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** No C string can hold more. */
const isText = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0');

const isNatural = (value: unknown): value is number => Number.isFinite(value) && (value as number) >= 0;

/** As makeMarker makes it. */
const isMarker = (value: unknown): boolean => isText(value) && /^[0-9a-f]{16}$/.test(value);

const isPath = (value: unknown): value is string => isText(value) && isAbsolute(value);
