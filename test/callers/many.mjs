/** A caller that starts many daemons at once, stops them at once, and prints how that went: `many.mjs COUNT`. */
import { readdirSync } from 'node:fs';

/** @type {typeof import('../../src/index.ts')} */
const { startDaemon } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const count = Number(process.argv[2]);
const startupCommand = 'echo ready; exec sleep 1000';
const options = Array.from({ length: count }, (_, index) => ({
	name: `daemon-${index}`,
	startupCommand,
	lookFor: 'ready',
	// All starts share the cores.
	startupTimeout: 120_000,
}));

const started = await Promise.allSettled(options.map(startDaemon));
const daemons = started.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
const descriptors = readdirSync('/proc/self/fd').length;
const alive = daemons.filter(daemon => daemon.isAlive()).length;
const stopped = await Promise.allSettled(daemons.map(daemon => daemon[Symbol.asyncDispose]()));

const errors = [...started, ...stopped].flatMap(result =>
	result.status === 'rejected' ? [String(result.reason)] : [],
);
console.log(JSON.stringify({ alive, descriptors, errors, pids: daemons.map(({ pid }) => pid) }));
