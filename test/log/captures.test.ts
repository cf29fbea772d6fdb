import { test as base, expectTypeOf } from 'vitest';
import type { Captures, RunningDaemon, TypedPattern } from '../../src/index.ts';
import { daemonFixture, startDaemon, useDaemon, withDaemon } from '../../src/vitest/index.ts';

type Typed = RunningDaemon<{ port: string }>;
const lookFor = /port (?<port>\d+)/ as TypedPattern<{ port: string }>;
const options = { startupCommand: 'x', lookFor } as const;

base('captures have the names in the type of a pattern, and may be undefined without such a type', () => {
	const start = () => startDaemon(options);
	const startLoosely = () => startDaemon({ startupCommand: 'x', lookFor: /(?<port>\d+)/ });
	const use = () => useDaemon(() => options);
	const run = () => withDaemon(options, ({ captures }) => captures.port);
	const extend = () => base.extend({ typed: daemonFixture(options), loose: daemonFixture({ startupCommand: 'x' }) });
	const ask = (test: ReturnType<typeof extend>) =>
		test('never', ({ typed, loose }) => {
			expectTypeOf(typed).toEqualTypeOf<Typed>();
			expectTypeOf(loose).toEqualTypeOf<RunningDaemon>();
		});
	expectTypeOf<Awaited<ReturnType<typeof start>>>().toEqualTypeOf<Typed>();
	expectTypeOf<Awaited<ReturnType<typeof startLoosely>>['captures']>().toEqualTypeOf<Captures>();
	expectTypeOf<ReturnType<typeof use>>().toEqualTypeOf<Typed>();
	expectTypeOf<Awaited<ReturnType<typeof run>>>().toEqualTypeOf<string>();
	expectTypeOf(ask).toBeFunction();
	expectTypeOf<Typed>().toExtend<RunningDaemon>();
});
