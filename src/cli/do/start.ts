/** What `withdaemon start` does. */
import { sayTidied, sayWaiting } from '../../released/say.ts';
import { type Started, startReleased } from '../../released/start.ts';
import { type Published, publishToGithub } from '../ci/github-files.ts';
import { interruptible } from '../interrupt.ts';
import { remind } from '../remind.ts';
import { sayStarted } from '../say.ts';
import type { ServiceFlags } from '../service-flags.ts';
import { findCheckout } from './checkout.ts';
import { readServices } from './services.ts';

export async function start(flags: ServiceFlags, outlivesJob: boolean): Promise<void> {
	const { folder: checkout } = await findCheckout(flags);
	const group = await readServices(flags);
	const told = { onWait: sayWaiting, onTidied: sayTidied, ...(flags['service'] ? { remedy: stopFirst } : {}) };
	const { onChange, end } = remind(group);
	await interruptible(async signal => {
		const starting = startReleased({ checkout, group, outlivesJob, signal, onChange, ...told });
		const started = await starting.finally(end);
		for (const one of started) sayStarted(one);
		publishToGithub(started.flatMap(({ released }) => (released ? [toPublished(released.record)] : [])));
	});
}

/** Without a config file, `restart` knows only what the service was started with. */
const stopFirst = (name: string) =>
	`\`withdaemon stop ${name}\` has to end it first: \`restart\` would start it as it was`;

function toPublished({ name, ports, captures, exports }: NonNullable<Started['released']>['record']): Published {
	const named = Object.entries(ports).map(([placeholder, port]) => [placeholder.replace(/^ports\./, ''), port]);
	return { name, captures, exports, ports: Object.fromEntries(named) };
}
