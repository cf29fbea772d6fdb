import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CoreOptions, Daemon, startDaemon } from '../src/index.ts';
import { temporaryFolder } from './support/fixtures.ts';
import { onTestFinished } from './support/this-test.ts';

/** The debug lines of a start and a shutdown. */
async function stepsOf(options: Partial<CoreOptions>): Promise<{ steps: string[]; daemon: Daemon }> {
	const steps: string[] = [];
	const logger = { debug: (line: string) => void steps.push(line), info() {}, warn() {}, error() {} };
	const pidFile = join(temporaryFolder(), 'x.pid');
	const daemon = new Daemon({ name: 'x', startupCommand: 'sleep 1000', pidFile, logger, ...options });
	onTestFinished(() => daemon[Symbol.asyncDispose]());
	await daemon.startup();
	await daemon.shutdown();
	return { steps, daemon };
}

test('each step of a daemon is a debug line, in order', async () => {
	const { steps, daemon } = await stepsOf({ startupTimeout: 20_000, shutdownTimeout: 10_000 });
	expect(steps).toEqual([
		'About to fork x',
		`PID ${daemon.pid} is calling exec: sleep 1000`,
		`Writing PID ${daemon.pid} to the PID file '${daemon.pidFile}'`,
		'Waiting for the startup of x, for 20000 ms at most',
		`Killing PID ${daemon.pid} with SIGINT`,
		'Waiting for the shutdown of x, for 10000 ms at most',
		`Deleting the PID file '${daemon.pidFile}'`,
	]);
});

test('a function that runs as the daemon, or ends it, is named', async () => {
	const { steps, daemon } = await stepsOf({
		startupCommand: function serve() {
			setInterval(() => {}, 1000);
		},
		shutdownCommand: ['sh', '-c', 'kill $(cat {pidFile})'],
	});
	expect(steps[1]).toBe(`PID ${daemon.pid} is calling function serve`);
	expect(steps[4]).toBe(`Calling \`sh -c kill $(cat ${daemon.pidFile})\``);
	const other = await stepsOf({ shutdownCommand: ({ pid }) => process.kill(pid) });
	expect(other.steps[4]).toBe('Calling its shutdownCommand function');
});

test('a daemon of a helper logs its steps, too', async () => {
	const steps: string[] = [];
	const logger = { debug: (line: string) => void steps.push(line), info() {}, warn() {}, error() {} };
	const daemon = await startDaemon({ startupCommand: 'sleep 1000', logger });
	await daemon[Symbol.asyncDispose]();
	expect(steps.map(line => line.split(' ')[0])).toEqual([
		...['About', 'PID', 'Writing', 'Waiting'],
		...['Killing', 'Waiting', 'Deleting'],
	]);
	expect(steps).toContain(`Killing PID ${daemon.pid} with SIGTERM`);
});
