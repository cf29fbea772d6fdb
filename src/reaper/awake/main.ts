/** Runs in another process: the reaper, awake. `node main.cjs FOLDER` cleans up after the caller of that folder. */
import { claim } from '../../registry/caller-folder.ts';
import { cleanUp } from './clean-up.ts';

// Signals to all processes, as at the end of a session, must not stop the clean-up.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});

const [, , folder = ''] = process.argv;
const claimed = claim(folder);
// Node can wait for ever for its own threads when it ends (nodejs/node#54918), so it is not left to end by itself.
const end = () => process.kill(process.pid, 'SIGKILL');
// Undefined: another process already cleans up. A build for CommonJS has no `await` here; an error ends the process.
if (claimed !== undefined) void cleanUp(claimed).then(end);
