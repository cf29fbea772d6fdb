/** Runs CMD, the command that needs the services: in the foreground, with the stdin, stdout and stderr of the CLI. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { EXIT } from './exit-codes.ts';

/** Resolves with the exit code of CMD; 128 and the number of the signal that ended it, as shells say it. */
export async function runCmd([file = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
	const child = spawn(file, args, { stdio: 'inherit', env });
	try {
		const [code, signal]: (number | NodeJS.Signals | null)[] = await once(child, 'exit');
		return typeof signal === 'string' ? 128 + constants.signals[signal as NodeJS.Signals] : Number(code);
	} catch (error) {
		const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
		console.error(`withdaemon cannot run ${file}: ${isMissing ? 'there is no such program' : String(error)}`);
		return isMissing ? EXIT.notFound : EXIT.cannotExecute;
	}
}
