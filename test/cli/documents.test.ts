/** docs/cli.md has every command and every flag, as the help has them, and no other. */
import { readdirSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.ts';

const document = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
const firstCells = [...document.matchAll(/^\| (`?)([^|`]+)\1 \|/gm)].map(([, , cell = '']) => cell.trim());

/** Each command is in a file of its name, which exports `define`. */
async function definedCommands(): Promise<Command> {
	const program = new Command();
	const files = readdirSync(new URL('../../src/cli', import.meta.url)).filter(name => /^[a-z]+\.ts$/.test(name));
	for (const file of files.filter(name => name !== 'main.ts')) {
		const { define }: { define?: (program: Command, all: () => void) => void } = await import(
			/* @vite-ignore */ new URL(`../../src/cli/${file}`, import.meta.url).href
		);
		define?.(program, () => {});
	}
	return program;
}

test('the document has the flags of the help, and no other', async () => {
	const { commands } = await definedCommands();
	const flags = commands.flatMap(({ options }) => options.map(({ flags }) => flags.replace(/^-\w, /, '')));
	expect(new Set(firstCells.filter(cell => cell.startsWith('--') && cell !== '---'))).toEqual(new Set(flags));
	expect(flags).toContain('--config <file>');
});

test('the document has a part for each command, and the program knows no other', async () => {
	const { commands } = await definedCommands();
	const headings = [...document.matchAll(/^## ([a-z]+)$/gm)].map(([, name]) => name);
	expect(new Set(headings)).toEqual(new Set(commands.map(command => command.name())));
	const all = readFileSync(new URL('../../src/cli/commands.ts', import.meta.url), 'utf8');
	expect(headings.filter(name => !all.includes(`import { define as ${name} } from './${name}.ts'`))).toEqual([]);
});

test('the document has the exit codes of the program', () => {
	const codes = firstCells.filter(cell => /^\d+$/.test(cell)).map(Number);
	expect(new Set(codes)).toEqual(new Set(Object.values(EXIT)));
});
