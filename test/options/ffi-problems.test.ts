import { afterEach, expect, test, vi } from 'vitest';
import { startDaemon } from '../../src/index.ts';
import { findFfiProblems } from '../../src/options/ffi-problems.ts';

const VARIABLE = 'WITHDAEMON_FFI';

afterEach(() => void vi.unstubAllEnvs());

test('an unknown way to call libc is refused before anything is started', async () => {
	vi.stubEnv(VARIABLE, 'ffi');
	await expect(startDaemon({ startupCommand: 'sleep 1000' })).rejects.toThrow(
		"Expected the environment variable `WITHDAEMON_FFI` to be 'koffi', 'ffi-napi' or 'off', but got \"ffi\" (string).",
	);
});

test('a package that was chosen and is not installed is refused, and one that nobody chose may be missing', () => {
	const isInstalled = process.env[VARIABLE] === 'ffi-napi';
	vi.stubEnv(VARIABLE, 'ffi-napi');
	expect(findFfiProblems()).toEqual(
		isInstalled
			? []
			: [
					'The environment variable `WITHDAEMON_FFI` is ffi-napi, but the optional package ffi-napi is not installed, or cannot be read.',
				],
	);
	for (const value of ['', 'off', 'koffi']) {
		vi.stubEnv(VARIABLE, value);
		expect(findFfiProblems()).toEqual([]);
	}
});
