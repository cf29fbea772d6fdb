/** The scripts of `withdaemon completion`, in a real bash. */
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CLI, cliFolder, runCli, startProgram } from '../support/cli.ts';

const member = { startupCommand: 'x' };
const hasBash = spawnSync('bash', ['-c', 'true']).status === 0;

test.skipIf(!hasBash)('bash completes commands, flags and the names of services, and nothing of CMD', async () => {
	const folder = cliFolder({
		'withdaemon.config.json': { db: member, api: member, migrate: { ...member, task: true } },
		'other.json': { web: member },
		'bin/withdaemon': `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`,
		'complete.sh': `source <(withdaemon completion bash)
			complete -p withdaemon
			# These are the words of an interactive bash, for which = is a word, too.
			try() {
				COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
				_withdaemon withdaemon
				echo "$*: \${COMPREPLY[*]}"
			}
			for words in st 'status ' 'run --only a' 'logs -c other.json ' 'stop --' 'run --on' 'run -- ' 'help re' \\
				'run --only = a' 'run --only =' 'run --only=a' 'logs --config = other.json ' 'run --env A = b --on'; do
				IFS=' ' read -ra given <<< "withdaemon $words"
				[[ $words = *' ' ]] && given+=('')
				try "\${given[@]}"
			done`,
	});
	chmodSync(join(folder, 'bin/withdaemon'), 0o755);
	const env = { PATH: `${join(folder, 'bin')}:${process.env['PATH']}` };
	const { output, errors } = await startProgram(folder, ['bash', 'complete.sh'], env).ended;
	expect(errors).toBe('');
	expect(output).toMatchInlineSnapshot(`
		"complete -o default -F _withdaemon withdaemon
		withdaemon st: start stop status
		withdaemon status : db api
		withdaemon run --only a: api
		withdaemon logs -c other.json : web
		withdaemon stop --: --config --help
		withdaemon run --on: --only
		withdaemon run -- : 
		withdaemon help re: restart
		withdaemon run --only = a: api
		withdaemon run --only =: db api
		withdaemon run --only=a: --only=api
		withdaemon logs --config = other.json : web
		withdaemon run --env A = b --on: --only
		"
	`);
});

test('zsh and fish have scripts of their own, and other shells are refused', async () => {
	const folder = cliFolder({ 'other.json': { web: member } });
	const [zsh, fish, other, word] = await Promise.all(
		[['zsh'], ['fish'], ['csh'], ['zsh', '--', 'logs', '--config=other.json', 'w']].map(words =>
			runCli(folder, ['completion', ...words]),
		),
	);
	expect(word).toMatchObject({ code: 0, output: 'web\n' });
	expect(zsh).toMatchObject({ code: 0, output: expect.stringContaining('compdef _withdaemon withdaemon') });
	expect(fish).toMatchObject({ code: 0, output: expect.stringContaining('complete -c withdaemon') });
	expect(other).toMatchObject({ code: 2, errors: expect.stringContaining('bash, zsh, fish') });
});
