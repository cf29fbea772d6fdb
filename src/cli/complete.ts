/** Completes the last word of a command line. */
import type { Command } from 'commander';

/** @param words what comes after the name of the program. The last word may be empty. */
export async function complete(program: Command, words: readonly string[]): Promise<readonly string[]> {
	const last = words.at(-1) ?? '';
	// After `--` comes CMD, which can be any program.
	if (words.slice(0, -1).includes('--')) return [];
	const candidates = await candidatesFor(program, words.slice(0, -1), last.startsWith('-'));
	return candidates.filter(candidate => candidate.startsWith(last));
}

async function candidatesFor(
	program: Command,
	[name, ...words]: readonly string[],
	isFlag: boolean,
): Promise<readonly string[]> {
	const names = program.commands.map(command => command.name());
	const command = program.commands.find(one => one.name() === name);
	if (name === 'help') return names;
	if (command === undefined) return isFlag ? ['--help', '--version'] : name === undefined ? [...names, 'help'] : [];
	const before = command.options.find(({ short, long }) => [short, long].includes(words.at(-1) ?? ''));
	if (before?.required) return before.long === '--only' ? await services(words) : [];
	if (isFlag) return [...command.options.map(({ long }) => long ?? ''), '--help'];
	const [argument] = command.registeredArguments;
	return argument?.name() === 'name' ? await services(words) : (argument?.argChoices ?? []);
}

async function services(words: readonly string[]): Promise<readonly string[]> {
	const at = words.findIndex(word => word === '--config' || word === '-c');
	const config = at === -1 ? undefined : words[at + 1];
	return await (await import('./do/index.ts')).listServices(config === undefined ? {} : { config });
}
