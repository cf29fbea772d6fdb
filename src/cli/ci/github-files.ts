/** The files in which a step of GitHub Actions leaves variables and outputs for later steps. */
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { portVariables } from '../ports.ts';
import { github } from './github.ts';
import { secretsIn } from './secrets.ts';

/** A service that later steps can use. */
export interface Published {
	readonly name: string;
	/** The ports by their names. The one without a name is `port`. */
	readonly ports: Readonly<Record<string, number>>;
	readonly captures: Readonly<Record<string, string>>;
	readonly exports: Readonly<Record<string, string>>;
}

/**
 * Appends what the services export, and their ports as `DB_PORT`, to the file of GITHUB_ENV; their ports and captures
 * as `db-port` to that of GITHUB_OUTPUT. Elsewhere it does nothing.
 */
export function publishToGithub(services: readonly Published[], env: NodeJS.ProcessEnv = process.env): void {
	const { GITHUB_ENV, GITHUB_OUTPUT } = env;
	const variables = Object.assign({}, ...services.map(({ name, ports }) => portVariables(name, ports)));
	for (const { exports } of services) Object.assign(variables, exports);
	const outputs = services.flatMap(({ name, ports, captures }) =>
		Object.entries({ ...captures, ...ports }).map(
			([what, value]) => [`${name.replaceAll('.', '-')}-${what}`, String(value)] as const,
		),
	);
	const secrets = GITHUB_ENV || GITHUB_OUTPUT ? secretsIn({ ...Object.fromEntries(outputs), ...variables }) : [];
	for (const secret of secrets) console.error(github.mask(secret));
	if (GITHUB_ENV) append(GITHUB_ENV, Object.entries(variables));
	if (GITHUB_OUTPUT) append(GITHUB_OUTPUT, outputs);
}

/** The delimiter is random, as a value that has it in a line of its own could set any other variable. */
function append(file: string, entries: readonly (readonly [name: string, value: string])[]): void {
	const lines = entries.flatMap(([name, value]) => {
		const delimiter = `withdaemon_${randomUUID()}`;
		return [`${name}<<${delimiter}`, value, delimiter];
	});
	if (lines.length > 0) appendFileSync(file, `${lines.join('\n')}\n`);
}
