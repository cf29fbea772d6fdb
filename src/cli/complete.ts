/** Completes the last word of a command line. */
import type { Command } from 'commander';

/** @param words what comes after the name of the program. The last word may be empty. */
export async function complete(program: Command, words: readonly string[]): Promise<readonly string[]> {
	const last = words.at(-1) ?? '';
	// After `--` comes CMD, which can be any program.
	if (words.slice(0, -1).includes('--')) return [];
	const [, flag = '', value = ''] = /^(--[^=]+)=(.*)$/.exec(last) ?? [];
	if (flag !== '') return (await complete(program, [...words.slice(0, -1), flag, value])).map(one => `${flag}=${one}`);
	const candidates = await candidatesFor(program, words.slice(0, -1), last.startsWith('-'));
	return candidates.filter(candidate => candidate.startsWith(last));
}

/**
 * Like {@link complete}, for bash, which takes `--only=db` for three words and replaces the last of them, unless the
 * user has changed COMP_WORDBREAKS.
 */
export async function completeForBash(program: Command, words: readonly string[]): Promise<readonly string[]> {
	const joined: string[] = [];
	for (const [index, word] of words.entries())
		if (word === '=' || words[index - 1] === '=') joined.push(`${joined.pop() ?? ''}${word}`);
		else joined.push(word);
	const last = words.at(-1) ?? '';
	const before = (joined.at(-1) ?? '').length - (last === '=' ? 0 : last.length);
	return (await complete(program, joined)).map(word => word.slice(before));
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
	const at = words.findIndex(word => /^(?:-c|--config)$|^--config=/.test(word));
	const config = words[at]?.startsWith('--config=') ? words[at].slice('--config='.length) : words[at + 1];
	return await (await import('./do/index.ts')).listServices(at === -1 || config === undefined ? {} : { config });
}
