/** A table of the services for the summary of a GitHub step. */
import { appendFileSync } from 'node:fs';
import type { Row } from '../ledger.ts';
import { portsOf } from '../ports.ts';
import type { End, Reporter } from '../reporter.ts';
import { showTime } from '../show-time.ts';

export class StepSummary implements Reporter {
	readonly #file: string;

	/** @param file the value of GITHUB_STEP_SUMMARY, to which other programs of the step may append, too. */
	constructor(file: string) {
		this.#file = file;
	}

	onEnd({ rows, exitCode, ms }: End): void {
		const lines = [
			`#### withdaemon: exit code ${exitCode} after ${showTime(ms)}`,
			'',
			'| service | state | ready after | gone after | ports | error |',
			'| --- | --- | --- | --- | --- | --- |',
			...rows.map(row => `| ${cellsOf(row).map(toCell).join(' | ')} |`),
			'',
		];
		appendFileSync(this.#file, `${lines.join('\n')}\n`);
	}
}

function cellsOf({ name, state, readyMs, stoppedMs, daemon, errors: [error] }: Row): string[] {
	const ports = daemon ? Object.entries(portsOf(daemon)).map(([port, number]) => `${port} ${number}`) : [];
	const [problem = ''] = error instanceof Error ? error.message.split('\n') : [];
	return [name, state, showPerhaps(readyMs), showPerhaps(stoppedMs), ports.join(', '), problem];
}

const showPerhaps = (ms: number | undefined) => (ms === undefined ? '' : showTime(ms));

/** Markdown would take some characters for its own. */
const toCell = (text: string) => text.replace(/[\\`*_{}[\]<>|~#]/g, character => `\\${character}`);
