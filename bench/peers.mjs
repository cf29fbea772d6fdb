/** Installs the tools that the bench compares with, in its own folder, when they are first needed. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const wanted = `${folder}package-lock.json`;
const installed = `${folder}node_modules/installed-lock.json`;

/** If that fails, their rows say that they are not installed. */
export function installPeers() {
	if (existsSync(installed) && readFileSync(installed, 'utf8') === readFileSync(wanted, 'utf8')) return;
	process.stderr.write('npm ci in bench/, once … ');
	const { status, stderr } = spawnSync('npm', ['ci', '--ignore-scripts'], { cwd: folder, encoding: 'utf8' });
	if (status === 0) copyFileSync(wanted, installed);
	process.stderr.write(status === 0 ? 'done\n' : `failed, so it goes on without them:\n${stderr}\n`);
}
