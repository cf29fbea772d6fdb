/** Nothing but the errors. */
import { describeError } from './describe-error.ts';
import type { End, Reporter } from './reporter.ts';

export class QuietReporter implements Reporter {
	onEnd({ errors }: End): void {
		for (const error of errors) console.error(describeError(error));
	}
}
