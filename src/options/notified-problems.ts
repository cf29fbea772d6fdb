/** Finds problems of the probe `notified`: what it needs, and what contradicts it. */
import { isJavaScript } from '../javascript/command.ts';
import { hasLibc, isChosen, whyNoLibc } from '../native/libc.mjs';
import { descriptorsIn, hearsDaemon } from '../readiness/to-probe.ts';
import { FIRST_SOCKET, LAST_SOCKET } from '../sockets/descriptors.ts';
import { listWanted } from '../sockets/sockets.ts';
import type { CoreOptions } from './options.ts';

export function findNotifiedProblems(options: CoreOptions, isHelper: boolean): string[] {
	const problems = [...findSocketProblems(options, isHelper), ...findDescriptorProblems(options)];
	return problems.map(problem => `\`ready\`, notified(): ${problem}`);
}

function findSocketProblems({ ready, env = {} }: CoreOptions, isHelper: boolean): string[] {
	if (!hearsDaemon(ready)) return [];
	return [
		...(hasLibc()
			? []
			: [
					'It needs the optional package koffi: Node has no unix sockets for datagrams' +
						`${isChosen() ? `, and ${whyNoLibc()}` : ''}.`,
				]),
		...(isHelper
			? []
			: ['A `Daemon` outlives its caller, and then nobody listens to it: use `startDaemon` or `withDaemon`.']),
		...(env['NOTIFY_SOCKET'] === undefined ? [] : ['`env` sets NOTIFY_SOCKET, as the probe does: give one.']),
	];
}

function findDescriptorProblems(options: CoreOptions): string[] {
	const { ready, listen, startupCommand, server, afterFork, beforeExec } = options;
	const [fd, ...others] = descriptorsIn(ready);
	if (fd === undefined) return [];
	const sockets = listWanted(listen).map(([name], index) => ({ name, at: FIRST_SOCKET + index }));
	const clash = sockets.find(({ at }) => at === fd);
	const hasHook = afterFork !== undefined || beforeExec !== undefined;
	return [
		...(others.length === 0 ? [] : [`Expected one \`fd\`, but got ${[fd, ...others].join(' and ')}.`]),
		...(clash === undefined
			? []
			: [
					`\`fd\` is ${fd}, where the daemon gets the socket of \`${clash.name}\`: give another one, up to ${LAST_SOCKET}.`,
				]),
		...(hasHook && !isJavaScript(startupCommand ?? server)
			? [`A command behind a hook has no descriptor ${fd}: leave out \`afterFork\` and \`beforeExec\`.`]
			: []),
	];
}
