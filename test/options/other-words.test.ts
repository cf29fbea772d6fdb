import { expect, test } from 'vitest';
import { OTHER_WORDS } from '../../src/options/other-words.ts';

/** What is said of these options, by the options of this library that stand in it. */
const meant = (words: readonly string[]) =>
	words.map(word => [word, [...(OTHER_WORDS[word] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name).join(' ')]);

test('the options of the web server of Playwright are refused with our names for them', () => {
	const options = ['command', 'url', 'stdout', 'stderr', 'wait', 'gracefulShutdown'];
	expect(meant(options)).toEqual([
		['command', 'startupCommand'],
		['url', 'ready responds'],
		['stdout', 'lookFor'],
		['stderr', 'lookFor'],
		['wait', 'ready lookFor'],
		['gracefulShutdown', 'shutdownCommand shutdownTimeout'],
	]);
	expect(OTHER_WORDS['reuseExistingServer']).toMatch(/^A daemon is always started anew/);
});

test('the options of other tools that start processes are refused with our names for them', () => {
	const options = ['args', 'shell', 'killSignal', 'forceKillAfterDelay', 'launchTimeout', 'environment', 'stop'];
	expect(meant(options)).toEqual([
		['args', 'startupCommand'],
		['shell', 'startupCommand'],
		['killSignal', 'shutdownCommand'],
		['forceKillAfterDelay', 'shutdownTimeout'],
		['launchTimeout', 'startupTimeout'],
		['environment', 'env'],
		['stop', 'shutdownCommand'],
	]);
	expect(OTHER_WORDS['usedPortAction']).toBe(OTHER_WORDS['reuseExistingServer']);
});
