import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { firstWords } from './first-words.ts';
import { pathsBelow, temporaryFolder } from './fixtures.ts';
import { onTestFinished } from './this-test.ts';

test('a folder is listed with all that is below it, although other folders there go at that moment', async () => {
	const folder = temporaryFolder();
	mkdirSync(join(folder, 'a/b'), { recursive: true });
	writeFileSync(join(folder, 'a/b/file'), '');
	const script = 'chdir shift; syswrite STDOUT, "goes on"; for (;;) { mkdir "x"; mkdir "x/y"; rmdir "x/y"; rmdir "x" }';
	const others = spawn('perl', ['-e', script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
	const gone = once(others, 'exit');
	onTestFinished(async () => {
		others.kill('SIGKILL');
		await gone;
	});
	await firstWords(others);
	const lasting = () => pathsBelow(folder).filter(path => !path.startsWith('x'));
	const all = ['a', 'a/b', 'a/b/file'];
	for (let looks = 0; looks < 300; looks += 1) expect(lasting()).toEqual(all);
	expect(pathsBelow(join(folder, 'none'))).toEqual([]);
});
