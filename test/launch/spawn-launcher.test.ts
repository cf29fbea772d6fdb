import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasLibc, loadLibc } from '../../src/native/libc.mjs';
import { canSpawn } from '../../src/native/posix-spawn.mjs';
import { runCaller } from '../support/callers.ts';
import { fixture, temporaryFolder } from '../support/fixtures.ts';

const isNativeHere = hasLibc() && canSpawn(loadLibc());

/** Whether libc has created the reaper and each of two launchers: those have no other descriptors to close. */
async function areNative(megabytes: number, variables: readonly string[] = []): Promise<boolean[]> {
	const { output } = await runCaller(
		'shows-launchers.mjs',
		[String(megabytes)],
		['env', '--unset=WITHDAEMON_FFI', ...variables],
	);
	const commands: string[] = JSON.parse(output);
	return commands.map(command => !command.includes('/dev/fd/'));
}

test.skipIf(!isNativeHere)(
	'libc creates reaper and launchers of a big caller, and of a small one the second launcher',
	async () => {
		const sizes = [areNative(0), areNative(200), areNative(0, ['WITHDAEMON_FFI=koffi'])];
		expect(await Promise.all(sizes)).toEqual([
			[false, false, true],
			[true, true, true],
			[true, true, true],
		]);
	},
);

test.skipIf(!isNativeHere)('a small caller loads the package while it has its first daemon', async () => {
	const unchosen = ['env', '--unset=WITHDAEMON_FFI'];
	expect(await runCaller('loads-koffi.mjs', [], unchosen)).toEqual({ output: 'loaded\n', errors: '', code: 0 });
});

/** Whether libc has created the reaper and each of two launchers of a worker thread in a big caller. */
async function areNativeInThread(...variables: readonly string[]): Promise<boolean[]> {
	const prefix = ['env', '--unset=WITHDAEMON_FFI', ...variables];
	const { output, errors } = await runCaller('in-a-thread.mjs', ['shows-launchers.mjs', '200'], prefix);
	expect(errors).toBe('');
	const commands: string[] = JSON.parse(output);
	return commands.map(command => !command.includes('/dev/fd/'));
}

test('Node creates them in a worker thread, which may be terminated while the package loads', async () => {
	expect(await areNativeInThread()).toEqual([false, false, false]);
});

test.skipIf(!isNativeHere)('a worker thread that was told to use libc leaves the reaper to Node', async () => {
	expect(await areNativeInThread('WITHDAEMON_FFI=koffi')).toEqual([false, true, true]);
});

test.skipIf(!isNativeHere)('the package is loaded in a turn of the event loop of its own', async () => {
	const { output, errors } = await runCaller('counts-turns.mjs', [], ['env', 'WITHDAEMON_FFI=koffi']);
	expect(errors).toBe('');
	const seen: [string, number][] = JSON.parse(output);
	expect(seen.map(([what]) => what)).toEqual(['start', 'load', 'spawn', 'spawn']);
	const [start = 0, load = 0, reaper = 0] = seen.map(([, turn]) => turn);
	expect([load > start, reaper > load]).toEqual([true, true]);
});

test('Node creates them if libc is not to be called', async () => {
	expect(await areNative(200, ['WITHDAEMON_FFI=off'])).toEqual([false, false, false]);
});

test('a package that was chosen, but does not work here, is reported in its own words', async () => {
	const folder = temporaryFolder();
	const package_ = join(folder, 'node_modules', 'ffi-napi');
	mkdirSync(package_, { recursive: true });
	writeFileSync(join(package_, 'index.js'), "throw new Error('no binding for this Node\\nRequire stack:')");
	const prefix = ['sh', '-c', 'cd "$0" && exec env --unset=NODE_PATH WITHDAEMON_FFI=ffi-napi "$@"', folder];
	const { output } = await runCaller('says-error.mjs', [fixture('never-ready.sh')], prefix);
	expect(JSON.parse(output)).toMatchObject({
		name: 'StartupError',
		message: expect.stringContaining('the optional package ffi-napi does not work here: no binding for this Node'),
	});
});

test.skipIf(!isNativeHere)('a worker thread that is terminated during a launch leaves no launcher', async () => {
	const prefix = ['env', 'WITHDAEMON_FFI=koffi'];
	expect(await runCaller('terminates-a-launch.mjs', [], prefix)).toEqual({ output: 'ended\n', errors: '', code: 0 });
});
