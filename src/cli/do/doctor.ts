/** What `withdaemon doctor` does. */
import { type Finding, fail, ok } from '../../doctor/finding.ts';
import { examineFolders } from '../../doctor/folders.ts';
import { examineMachine } from '../../doctor/machine.ts';
import { examinePorts } from '../../doctor/ports.ts';
import { toTable } from '../table.ts';
import { type CheckoutFlags, findCheckout, loadFromItsFolder } from './checkout.ts';

export interface DoctorFlags extends CheckoutFlags {
	readonly json?: boolean;
}

export async function doctor({ json = false, ...flags }: DoctorFlags): Promise<void> {
	const findings = await examineAll(flags);
	if (json) console.log(JSON.stringify(findings, undefined, 2));
	else console.log(toTable(findings.flatMap(toRows)));
	if (findings.some(({ level }) => level === 'fail')) process.exitCode = 1;
}

async function examineAll(flags: CheckoutFlags): Promise<readonly Finding[]> {
	const { folder, config } = await findCheckout(flags);
	const findings = [...(await examineMachine()), ...examineFolders()];
	if (config === undefined) return findings;
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
