/** A caller that is going to be killed: `caller.mjs PACKAGE FIXTURE STAMPS` starts a daemon, says so, and stays. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , packageFolder = '', fixture = '', stamps = ''] = process.argv;
/** @type {typeof import('withdaemon')} */
const { startDaemon } = await import(pathToFileURL(join(packageFolder, 'dist/index.js')).href);
await startDaemon({ startupCommand: [fixture, stamps, 'line', '0', '0'], lookFor: 'ready' });
console.log('ready');
setInterval(() => {}, 60_000);
