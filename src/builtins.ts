/**
 * The modules of Node that take ms to load and that most callers never need. Each is loaded when it is first used, so
 * that an import of this library stays fast. `process.getBuiltinModule` would do the same from Node 20.16 on.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Node takes 7 us to find a module again. */
function lazily<T>(name: string): () => T {
	let loaded: T | undefined;
	return () => {
		loaded ??= require(name) as T;
		return loaded;
	};
}

export const childProcess: () => typeof import('node:child_process') = lazily('node:child_process');
export const crypto: () => typeof import('node:crypto') = lazily('node:crypto');
export const dgram: () => typeof import('node:dgram') = lazily('node:dgram');
export const files: () => typeof import('node:fs/promises') = lazily('node:fs/promises');
export const net: () => typeof import('node:net') = lazily('node:net');
export const v8: () => typeof import('node:v8') = lazily('node:v8');
export const vm: () => typeof import('node:vm') = lazily('node:vm');
export const workerThreads: () => typeof import('node:worker_threads') = lazily('node:worker_threads');
