/** Why a daemon could not even be asked to end. */
import type { EvidenceRow } from '../error-text.ts';

export class RequestError extends Error {
	/** What the program said. */
	readonly evidence: readonly EvidenceRow[];

	constructor(message: string, evidence: readonly EvidenceRow[] = [], cause?: unknown) {
		super(message, { cause });
		this.name = 'RequestError';
		this.evidence = evidence;
	}
}
