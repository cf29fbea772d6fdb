/** Runs in another process: the reaper, awake. `node main.js FOLDER` cleans up after the caller whose folder that is. */
import { claim } from '../../registry/caller-folder.ts';
import { cleanUp } from './clean-up.ts';

// What is sent to everybody, as at the end of a session, is not for who cleans up.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});

const [, , folder = ''] = process.argv;
const claimed = claim(folder);
// Undefined: somebody else is about it.
if (claimed !== undefined) await cleanUp(claimed);
