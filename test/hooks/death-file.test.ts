import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/fixtures.ts';

const hasNamespaces = spawnSync('unshare', ['-Ur', 'true']).status === 0;
const root = fileURLToPath(new URL('../..', import.meta.url));

test.skipIf(!hasNamespaces)('without inotify, the news of a death arrives all the same', () => {
	// In a new user namespace the number of inotify instances can be set to 0.
	const script = `echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"`;
	const caller = `
		import { writeFileSync } from 'node:fs';
		import { DeathFile } from '${root}src/hooks/death-file.ts';
		const alive = setTimeout(() => console.log('no word'), 60_000);
		const news = new DeathFile('db', process.env.FOLDER);
		news.watch(() => {
			console.log(news.look().message);
			clearTimeout(alive);
		});
		writeFileSync(process.env.FOLDER + '/death.json', '{ "exit": { "code": 3, "signal": null }, "evidence": [] }');
	`;
	const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', caller];
	const { stdout, stderr } = spawnSync('unshare', ['-Ur', 'sh', '-c', script, 'sh', ...node], {
		cwd: root,
		env: { ...process.env, FOLDER: temporaryFolder() },
		encoding: 'utf8',
	});
	expect(`${stdout}${stderr}`).toMatch(/^db exited with code 3 while it was in use/);
});
