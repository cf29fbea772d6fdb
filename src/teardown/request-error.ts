/** The reason why a daemon could not be asked to end. */
import type { EvidenceRow } from '../error-text.ts';

export class RequestError extends Error {
	/** The output of the `shutdownCommand`. */
	readonly evidence: readonly EvidenceRow[];

	constructor(message: string, evidence: readonly EvidenceRow[] = [], cause?: unknown) {
		super(message, { cause });
		this.name = 'RequestError';
		this.evidence = evidence;
	}
}
