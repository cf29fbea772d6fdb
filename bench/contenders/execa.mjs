/** execa: a child process with better manners. It knows nothing of readiness, so its output is read. */
/** @typedef {import('../host.mjs').Cycle} Cycle */

const { execa } = await import('execa');

/** @type {Cycle} */
export async function piped(daemon, inUse) {
	const subprocess = execa(daemon.file, daemon.args, { reject: false });
	await new Promise(resolve => subprocess.stdout.once('data', resolve));
	await inUse();
	subprocess.kill();
	await subprocess;
}
