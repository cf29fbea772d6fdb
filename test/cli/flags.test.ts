/** The flags of a single service are the options of a daemon, no more and no less. */

import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addSingleServiceFlags, FLAGS, toOptions } from '../../src/cli/flags.ts';
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

const parse = (...words: readonly string[]) =>
	toOptions(addSingleServiceFlags(new Command()).exitOverride().parse(words, { from: 'user' }).opts());

test('the words of flags become the values of options', () => {
	expect(parse('--service', 'x', '--umask', '027', '--look-for', '/a+b/i', '--success-exit-codes', '0,143')).toEqual({
		startupCommand: 'x',
		umask: 0o27,
		lookFor: /a+b/i,
		successExitCodes: [0, 143],
	});
	expect(parse('--look-for', 'a/b', '--port', 'auto', '--timeout', '5000', '--shutdown-command', '2')).toEqual({
		lookFor: 'a/b',
		port: 'auto',
		timeout: 5000,
		shutdownCommand: 2,
	});
	expect(
		parse('--ports', 'http=auto', '--ports', 'admin=9000', '--env', 'A=1=2', '--env', 'B=', '--no-strict'),
	).toEqual({
		ports: { http: 'auto', admin: 9000 },
		env: { A: '1=2', B: '' },
		strict: false,
	});
	expect(parse()).toEqual({});
});

test.each([
	['--command', 'Here it is --service.'],
	['--startup-command', 'Here it is --service.'],
	['--cmd', 'Here it is --service.'],
	['--exec', 'Here it is --service.'],
	['--script', 'Here it is --service.'],
	['--ready', 'Here it is --ready-url.'],
	['--lok-for', '(Did you mean --look-for?)'],
])('the unknown flag %s is refused with ours', (flag, hint) => {
	const said: string[] = [];
	const command = new Command().exitOverride().configureOutput({ writeErr: text => void said.push(text) });
	expect(() => addSingleServiceFlags(command).parse([flag, 'x'], { from: 'user' })).toThrow();
	expect(said.join('')).toBe(`error: unknown option '${flag}'\n${hint}\n`);
});

test.each([
	[['--look-for', '/(/'], 'Unterminated group'],
	[['--env', '=1'], 'Expected NAME=VALUE.'],
	[['--service', 'a', '--service', 'b'], 'It was given already: several services go into a config file.'],
])('%s is refused', (words, problem) => {
	const command = addSingleServiceFlags(new Command())
		.exitOverride()
		.configureOutput({ writeErr: () => {} });
	expect(() => command.parse(words, { from: 'user' })).toThrow(problem);
});
