/** A caller that changes its folder, TMPDIR and a variable right after each start, and prints what the daemons got. */
import { readFileSync, readlinkSync } from 'node:fs';

/** @type {typeof import('../../src/index.ts')} */
const { alive, Daemon, startDaemon, startDaemons } = await import(`${process.env['WITHDAEMON_TEST_BUILD']}/index.js`);
const [first = '', other = ''] = process.argv.slice(2);

/** @template T @param {() => Promise<T>} start */
function startThenLeave(start) {
	process.chdir(first);
	Object.assign(process.env, { TMPDIR: first, LEVEL: 'first' });
	const starting = start();
	process.chdir(other);
	Object.assign(process.env, { TMPDIR: other, LEVEL: 'other' });
	return starting;
}

/** @param {import('../../src/index.ts').Daemon} daemon */
function look({ pid, logFile, pidFile }) {
	const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
	const find = (/** @type {RegExp} */ name) => variables.find(one => name.test(one));
	const [level, listen] = [find(/^LEVEL=/), find(/^SOCKET=/)];
	return { cwd: readlinkSync(`/proc/${pid}/cwd`), logFile, pidFile, level, listen };
}

const startupCommand = 'sleep 1000';
const patient = { startupCommand, timeout: 300_000 };
const relative = { cwd: 'sub', logFile: 'a.log', pidFile: 'a.pid', listen: './a.sock', env: { SOCKET: '{listen}' } };
const here = await startThenLeave(() => startDaemon(patient));
const inSub = await startThenLeave(() => startDaemon({ ...patient, ...relative, ready: alive() }));
const module = await startThenLeave(() => startDaemon({ ...patient, startupCommand: { module: 'daemon.mjs' } }));
const members = { one: patient, two: { ...patient, cwd: 'sub', dependsOn: 'one' } };
const group = await startThenLeave(() => startDaemons(members));
process.chdir(first);
const released = new Daemon({ name: 'x', startupCommand, pidFile: '/dev/null', nochdir: true });
process.chdir(other);
released.timeout = 300_000;
await startThenLeave(() => released.startup());
const all = [here, inSub, module, released];
const { cwd } = look(group.two);
console.log(JSON.stringify({ seen: all.map(look), dir: here.dir, cwd }));
for (const daemon of [group, ...all]) await daemon[Symbol.asyncDispose]();
