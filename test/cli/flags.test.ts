/** The flags of a single service are the options of a daemon, no more and no less. */
import { expect, test } from 'vitest';
import { FLAGS } from '../../src/cli/flags.ts';
import { resolveOptions } from '../../src/options/resolve.ts';
import { findProblems, HELPER_ONLY } from '../../src/options/validate.ts';

/** A word or a number for each kind of option. */
const SAMPLES = ['word', 'auto', 'open', 'group', 'failed', 'SIGTERM', 'http://127.0.0.1/', 1];

const takesWord = (option: string) =>
	SAMPLES.some(sample => findProblems({ startupCommand: 'x', [option]: sample }, 'helper').every(isOfAnother(option)));

/** `server` and `startupCommand` contradict each other, whatever their values are. */
const isOfAnother = (option: string) => (problem: string) => option === 'server' && problem.startsWith('`server` is');

test('every option that is a word or a number has a flag, except the second name of the command', () => {
	const core = resolveOptions({ name: 'x', pidFile: '/dev/null', startupCommand: 'x' });
	const options = [...Object.keys(core), ...HELPER_ONLY];
	const wanted = options.filter(takesWord);
	expect(wanted.filter(option => FLAGS[option as keyof typeof FLAGS] === undefined)).toEqual(['server']);
	expect(wanted.length).toBeGreaterThan(15);
	expect(new Set(Object.keys(FLAGS))).toEqual(new Set([...options, 'exports']));
});
