/** Shows with a failing test what its daemons have logged during it. */
import { InvalidOptionError, type RunningDaemon } from '../index.ts';
import type { HookedTest, Mortal } from './hooks.ts';

/** How many lines are shown in the text of the failure. */
const LINES = 20;

type Log = RunningDaemon['log'];
type LogSlice = ReturnType<Log['slice']>;

interface Logging extends Mortal {
	readonly log: Log | undefined;
}

/**
 * @param isSinceStart whether the daemon was started during the test.
 * @param uses whether the test turns out to use the daemon.
 * @returns holds the log; call it before the daemon is ended and its log removed.
 */
export function showLogIfFailed(
	test: HookedTest,
	daemon: Logging,
	isSinceStart: boolean,
	uses = () => true,
): () => void {
	const slice = sliceOf(daemon, isSinceStart);
	if (!slice) return () => {};
	test.onFailed(async () => {
		if (uses()) await show(test, daemon, slice);
		slice.close();
	});
	test.onOver(async () => {
		if (!test.hasFailed()) slice.close();
	}, 0);
	return () => slice.hold();
}

function sliceOf(daemon: Logging, isSinceStart: boolean): LogSlice | undefined {
	try {
		return daemon.log?.slice(isSinceStart);
	} catch (error) {
		// Its output goes elsewhere.
		if (error instanceof InvalidOptionError) return undefined;
		throw error;
	}
}

async function show(test: HookedTest, { name, signal }: Mortal, slice: LogSlice): Promise<void> {
	const { lines, count, omittedBytes, text } = slice.show(LINES);
	const isCut = omittedBytes > 0 || count > lines.length;
	const failure = test.failure();
	// The error of a death has the last lines already.
	const isThere =
		signal.aborted && failure.includes(signal.reason.message) && lines.every(line => failure.includes(line));
	if (count === 0 || isThere) return;
	const all = omittedBytes > 0 ? `more than ${count}` : count;
	const heading = isCut
		? `${name} logged ${all} lines during this test, the last ${LINES} of them:`
		: `${name} logged during this test:`;
	await test.show({ daemon: name, shown: [heading, ...lines.map(line => `  ${line}`)].join('\n'), whole: text });
}
