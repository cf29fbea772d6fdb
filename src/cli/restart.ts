/** `withdaemon restart`: stops a service and starts it again, on the ports that it had. */
import type { Command } from 'commander';
import { sayTidied, sayWaiting } from '../released/say.ts';
import { findCheckout, loadFromItsFolder } from './checkout.ts';
import { examples } from './examples.ts';
import { interruptible } from './interrupt.ts';
import { remind } from './remind.ts';
import { sayEnded, sayStarted } from './say.ts';
import { codeOf } from './stop.ts';

interface Flags {
	readonly config?: string;
	readonly outliveJob?: boolean;
}

export function define(program: Command): void {
	program
		.command('restart')
		.summary('stop a service and start it again, on the ports that it had')
		.description(
			'Stops a service and starts it again, on the ports that it had: as the config file says or, if it is not there, as it was.',
		)
		.argument('<name>')
		.option('-c, --config <file>', 'the config file, whose folder is the checkout')
		.option('--outlive-job', 'keep Jenkins and the runner of GitHub from ending it with the job')
		.addHelpText('after', examples(['restart api']))
		.action(async (name: string, { outliveJob: outlivesJob = false, ...flags }: Flags) => {
			const { folder: checkout, config } = await findCheckout(flags);
			const [{ restartReleased }, { refuseUnknown }, { selectMembers }] = await Promise.all([
				import('../released/restart.ts'),
				import('../released/names.ts'),
				import('../config/select.ts'),
			]);
			const all = config === undefined ? {} : await loadFromItsFolder(config);
			await refuseUnknown(checkout, [name], Object.keys(all));
			const group = Object.hasOwn(all, name) ? selectMembers(all, [name]) : undefined;
			const told = { onWait: sayWaiting, onTidied: sayTidied, onEnded: sayEnded };
			const { onChange, end } = remind(group ?? {});
			await interruptible(async signal => {
				const request = { checkout, name, group, outlivesJob, onChange, signal, ...told };
				const { ending, started } = await restartReleased(request).finally(end);
				for (const one of started) sayStarted(one);
				process.exitCode = codeOf(ending ? [ending] : []);
			});
		});
}
