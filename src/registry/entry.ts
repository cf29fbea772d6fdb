/**
 * An entry of the registry: one small file per daemon, a line of JSON for each fact that whoever cleans up has to know. A
 * fact is noted before it becomes true, so that there is no moment at which nobody would know.
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PidMark } from '../process/facts.ts';
import type { ProcessIdentity } from '../process/identity.ts';
import type { KillMode } from '../teardown/signal-daemon.ts';

/** How to ask a daemon whose caller is dead to end: by a function it cannot be. */
export type RecordedRequest =
	| { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
	| {
			readonly kind: 'program';
			readonly argv: readonly string[];
			readonly cwd: string;
			/** What the options add to the environment; null removes a variable. */
			readonly env: Readonly<Record<string, string | null>>;
	  };

/** A life of a daemon, from before its launch. */
export interface LifeRecord {
	readonly name: string;
	readonly marker: string;
	readonly pidFile: string;
	readonly request: RecordedRequest;
	readonly killMode: KillMode;
	readonly shutdownTimeout: number;
}

/** Who it became. */
export interface LaunchRecord {
	readonly marker: string;
	readonly identity: ProcessIdentity;
	readonly launcher: ProcessIdentity;
	readonly since: PidMark;
}

type Fact = { readonly folder: string } | { readonly life: LifeRecord } | { readonly launched: LaunchRecord };

/** All that was noted about one daemon. */
export interface Facts {
	/** Its temporary folder. */
	readonly folders: readonly string[];
	readonly lives: readonly LifeRecord[];
	readonly launches: ReadonlyMap<string, LaunchRecord>;
}

export class Entry {
	readonly #path: string;

	constructor(callerFolder: string) {
		this.#path = join(callerFolder, `${randomBytes(6).toString('hex')}.jsonl`);
	}

	note(fact: Fact): void {
		// A line of its own, also after one that there was no room for.
		appendFileSync(this.#path, `\n${JSON.stringify(fact)}\n`, { mode: 0o600 });
	}

	/** Nothing is left of it. */
	remove(): void {
		rmSync(this.#path, { force: true });
	}
}

/** A line may be cut off, if its writer was killed or the disk full: then what it tells of has not happened. */
export function readEntry(path: string): Facts {
	const facts = readFileSync(path, 'utf8').split('\n').flatMap(parseFact);
	return {
		folders: facts.flatMap(fact => ('folder' in fact ? [fact.folder] : [])),
		lives: facts.flatMap(fact => ('life' in fact ? [fact.life] : [])),
		launches: new Map(facts.flatMap(fact => ('launched' in fact ? [[fact.launched.marker, fact.launched]] : []))),
	};
}

function parseFact(line: string): Fact[] {
	try {
		return [JSON.parse(line)];
	} catch {
		// SyntaxError.
		return [];
	}
}
