/** A JUnit report, in which each service is a test. */
import { writeFileSync } from 'node:fs';
import { types } from 'node:util';
import { describeError } from './describe-error.ts';
import type { Row } from './ledger.ts';
import type { End, Reporter } from './reporter.ts';

export class JunitReporter implements Reporter {
	readonly #file: string;

	constructor(file: string) {
		this.#file = file;
	}

	onBegin(): void {
		// A file of an earlier run must not be taken for the report of this one, should this one be killed.
		this.#write([], 0);
	}

	onEnd({ rows, ms }: End): void {
		this.#write(rows, ms);
	}

	#write(rows: readonly Row[], ms: number): void {
		const count = (is: (row: Row) => boolean) => rows.filter(is).length;
		const outcomes = `failures="${count(hasFailed)}" skipped="${count(isSkipped)}" errors="0"`;
		const counts = `tests="${rows.length}" ${outcomes} time="${inSeconds(ms)}"`;
		const lines = [
			'<?xml version="1.0" encoding="UTF-8"?>',
			`<testsuites name="withdaemon" ${counts}>`,
			`  <testsuite name="services" ${counts}>`,
			...rows.flatMap(toCase),
			'  </testsuite>',
			'</testsuites>',
		];
		writeFileSync(this.#file, `${lines.join('\n')}\n`);
	}
}

const hasFailed = ({ errors }: Row) => errors.length > 0;
/** The start was given up because another service had failed, or it has never begun. */
const isSkipped = (row: Row) => !hasFailed(row) && row.readyMs === undefined;

function toCase(row: Row): string[] {
	const { name, readyMs = 0, errors, log } = row;
	const head = `    <testcase classname="withdaemon" name="${toXml(name)}" time="${inSeconds(readyMs)}"`;
	const inside = [
		...errors.map(toFailure),
		...(isSkipped(row) ? ['      <skipped/>'] : []),
		...(log.length > 0 ? [`      <system-out>${toXml(log.join('\n'))}</system-out>`] : []),
	];
	return inside.length === 0 ? [`${head}/>`] : [`${head}>`, ...inside, '    </testcase>'];
}

function toFailure(error: unknown): string {
	const [message = ''] = describeError(error).split('\n');
	const type = types.isNativeError(error) ? error.name : typeof error;
	return `      <failure message="${toXml(message)}" type="${toXml(type)}">${toXml(describeError(error))}</failure>`;
}

const inSeconds = (ms: number) => (ms / 1000).toFixed(3);

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** XML 1.0 has no control characters, not even escaped. */
const toXml = (text: string) =>
	text.replace(/[&<>"]/g, character => ENTITIES[character] ?? '').replace(/[^\P{Cc}\n\t]/gu, '\uFFFD');
