/** The step after the job: shows the logs of the services, stops them, and fails if anything is left of them. */
import { randomUUID } from 'node:crypto';
import { annotate, run } from './program.mjs';

const { STATE_withdaemon: state } = process.env;

// Without it, the main step has not found the program.
if (state !== undefined) {
	/** @type {{ program: string, folder: string, config: string, lines: string }} */
	const { program, folder, config, lines } = JSON.parse(state);
	const where = config ? ['--config', config] : [];
	const { output } = await run(program, ['status', '--json', ...where], { cwd: folder, stdout: 'pipe' });
	/** @type {readonly { name: string, pid: number | null }[]} */
	const services = output ? JSON.parse(output) : [];
	for (const { name } of services.filter(({ pid }) => pid !== null)) {
		// A line of a log that begins with `::` would be obeyed.
		const token = randomUUID();
		console.log(`::group::Log of ${name}, its last lines\n::stop-commands::${token}`);
		await run(program, ['logs', name, '--lines', lines, ...where], { cwd: folder });
		console.log(`::${token}::\n::endgroup::`);
	}
	const { code } = await run(program, ['stop', ...where], { cwd: folder });
	if (code !== 0) annotate(`withdaemon stop has exited with code ${code}; the lines above say why.`);
	process.exitCode = code;
}
