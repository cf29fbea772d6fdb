/**
 * The modules of Node that take ms to load and that most callers never need. Each is loaded when it is first used, so
 * that an import of this library stays fast. `process.getBuiltinModule` would do the same from Node 20.16 on.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const childProcess = (): typeof import('node:child_process') => require('node:child_process');
export const crypto = (): typeof import('node:crypto') => require('node:crypto');
export const dgram = (): typeof import('node:dgram') => require('node:dgram');
export const files = (): typeof import('node:fs/promises') => require('node:fs/promises');
export const net = (): typeof import('node:net') => require('node:net');
export const v8 = (): typeof import('node:v8') => require('node:v8');
export const vm = (): typeof import('node:vm') => require('node:vm');
export const workerThreads = (): typeof import('node:worker_threads') => require('node:worker_threads');
