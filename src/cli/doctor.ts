/** `withdaemon doctor`: what this machine can do, and what to do about what it cannot. */
import type { Command } from 'commander';
import type { Finding } from '../doctor/finding.ts';
import { findCheckout, loadFromItsFolder } from './checkout.ts';
import { examples } from './examples.ts';
import { toTable } from './table.ts';

interface Flags {
	readonly config?: string;
	readonly json?: boolean;
}

export function define(program: Command): void {
	program
		.command('doctor')
		.summary('look for what keeps daemons from working on this machine')
		.description(
			'Looks at what daemons need of this machine: /proc, a shell, file watches, limits, folders, and the ports of the config file. Names the remedy of each fault. Exits with 1 if something fails; a warning is no failure.',
		)
		.option('-c, --config <file>', 'the config file, for its ports')
		.option('--json', 'print one JSON array')
		.addHelpText('after', examples(['doctor']))
		.action(async ({ json = false, ...flags }: Flags) => {
			const findings = await examineAll(flags);
			if (json) console.log(JSON.stringify(findings, undefined, 2));
			else console.log(toTable(findings.flatMap(toRows)));
			if (findings.some(({ level }) => level === 'fail')) process.exitCode = 1;
		});
}

async function examineAll(flags: Flags): Promise<readonly Finding[]> {
	const [{ folder, config }, { examineMachine }, { examineFolders }, { examinePorts }] = await Promise.all([
		findCheckout(flags),
		import('../doctor/machine.ts'),
		import('../doctor/folders.ts'),
		import('../doctor/ports.ts'),
	]);
	const findings = [...(await examineMachine()), ...examineFolders()];
	if (config === undefined) return findings;
	const { fail, ok } = await import('../doctor/finding.ts');
	try {
		const group = await loadFromItsFolder(config);
		return [...findings, ok('config file', config), ...(await examinePorts(group, folder))];
	} catch (error) {
		return [...findings, fail('config file', error instanceof Error ? error.message : String(error), 'correct it')];
	}
}

const toRows = ({ what, level, found, remedy }: Finding): string[][] => [
	[level, what, found],
	...(remedy === null ? [] : [['', '', `→ ${remedy}`]]),
];
