/** Plain lines in groups of the CI system, with one error for each service, and the logs of a run that failed. */
import { describeError } from '../describe-error.ts';
import type { Ledger } from '../ledger.ts';
import { PlainReporter } from '../plain.ts';
import type { End } from '../reporter.ts';
import type { Dialect } from './dialect.ts';
import { secretsIn } from './secrets.ts';

export class CiReporter extends PlainReporter {
	readonly #dialect: Dialect;
	/** Such as `2 services`. */
	#services = '';
	#isInGroup = false;

	constructor(dialect: Dialect) {
		super();
		this.#dialect = dialect;
	}

	override onBegin(ledger: Ledger): void {
		const { length } = ledger.rows;
		this.#services = length === 1 ? '1 service' : `${length} services`;
		this.#begin(`Starting ${this.#services}`);
		super.onBegin(ledger);
	}

	override onCmd(words: readonly string[], exports: Readonly<Record<string, string>>): void {
		this.#end();
		for (const secret of secretsIn(exports)) write(this.#dialect.mask(secret));
		write(this.#dialect.show(`withdaemon: running ${words.join(' ')}`));
	}

	override onCmdEnd(exitCode: number): void {
		super.onCmdEnd(exitCode);
		this.#begin(`Stopping ${this.#services}`);
	}

	override onEnd(end: End): void {
		this.#end();
		super.onEnd({ ...end, errors: [] });
		for (const [name, text] of errorsByService(end.errors)) write(this.#dialect.error(name, text));
		if (end.exitCode === 0) return;
		for (const { name, log } of end.rows)
			if (log.length > 0) write(this.#dialect.log(`Log of ${name}, its last lines`, log));
	}

	#begin(title: string): void {
		write(this.#dialect.begin(title));
		this.#isInGroup = true;
	}

	#end(): void {
		if (this.#isInGroup) write(this.#dialect.end());
		this.#isInGroup = false;
	}
}

function write(text: string): void {
	if (text !== '') console.error(text);
}

/** One text for each service: the errors that name it, such as its death and what its teardown has found. */
function errorsByService(errors: readonly unknown[]): Map<string, string> {
	const texts = new Map<string, string>();
	for (const error of errors) {
		const name = error instanceof Error && 'daemon' in error ? String(error.daemon) : 'withdaemon';
		const before = texts.get(name);
		texts.set(name, before === undefined ? describeError(error) : `${before}\n\n${describeError(error)}`);
	}
	return texts;
}
