/** A test of vitest, as the hooks of this library see it. */
import * as vitest from 'vitest';
import type { HookedTest, TestLog } from '../hooks/hooks.ts';
import { endAtDeath, type Test } from './test-run.ts';

export function hooked(task: Test): HookedTest {
	// The errors of earlier tries are there, too.
	const { retryCount, repeatCount, errors = [] } = task.result ?? {};
	const before = retryCount || repeatCount ? errors.length : 0;
	const failures = () => task.result?.errors?.slice(before) ?? [];
	return {
		isConcurrent: task.concurrent === true,
		hasFailed: () => task.result?.state === 'fail',
		endAtDeath: daemon => endAtDeath(task, daemon),
		onOver: (work, limitMs) => task.context.onTestFinished(work, limitMs),
		// The time limit of the user's hooks is not for what is shown: 0 means none.
		onFailed: work => task.context.onTestFailed(work, 0),
		failure: () =>
			failures()
				.map(({ message }) => message)
				.join('\n'),
		append: text => addTo(failures()[0], `\n\n${text}`),
		show: async function (log) {
			this.append(log.shown);
			await record(task, log);
		},
	};
}

/** Reporters show the message of an error, but the one for JSON only its stack. */
function addTo(error: { message: string; stack?: string } | undefined, text: string): void {
	if (!error) return;
	const { message, stack } = error;
	error.message += text;
	if (stack?.includes(message)) error.stack = stack.replace(message, () => error.message);
}

/** The whole log for reporters that show it: vitest has artifacts since 4.0.11. */
async function record(task: Test, { daemon, whole }: TestLog): Promise<void> {
	if (!('recordArtifact' in vitest)) return;
	const attachments = [{ contentType: 'text/plain', body: Buffer.from(whole) }];
	const artifact = { type: 'withdaemon:log', daemon, attachments };
	await vitest.recordArtifact(task, artifact as never).catch(() => {
		// A runner of the user's need not support artifacts, and the test has failed already.
	});
}
