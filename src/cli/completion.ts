/** `withdaemon completion`: the script by which a shell completes commands, flags and the names of services. */
import { Argument, Command } from 'commander';
import { complete, completeForBash } from './complete.ts';
import { examples } from './examples.ts';

/** Each script asks this program for the words that may follow, and completes files if there are none. */
const SCRIPTS: Readonly<Record<string, string>> = {
	bash: `_withdaemon() {
	local line
	COMPREPLY=()
	while IFS= read -r line; do COMPREPLY+=("$line"); done < <(
		"$1" completion bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null
	)
}
complete -o default -F _withdaemon withdaemon`,
	zsh: `#compdef withdaemon
_withdaemon() {
	local -a found
	found=("\${(@f)$("$words[1]" completion zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
	if [[ -n $found[1] ]]; then compadd -a found; else _files; fi
}
compdef _withdaemon withdaemon`,
	fish: `complete -c withdaemon -f -n 'not contains -- -- (commandline -opc)' \\
	-a '(withdaemon completion fish -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'`,
};

export function define(program: Command, defineAll: (program: Command) => void): void {
	program
		.command('completion')
		.summary('print the script that completes words in a shell')
		.description('Prints the script by which a shell completes commands, flags, and the names of services.')
		.addArgument(new Argument('<shell>').choices(Object.keys(SCRIPTS)))
		.argument('[word...]', 'what a shell has after `withdaemon`: prints what the last word may become')
		.addHelpText(
			'after',
			examples(['completion bash >> ~/.bashrc'], ['completion fish > ~/.config/fish/completions/withdaemon.fish']),
		)
		.action(async (shell: string, words: readonly string[]) => {
			if (words.length === 0) return console.log(SCRIPTS[shell]);
			const all = new Command('withdaemon').option('-V, --version').helpCommand('help [command]');
			defineAll(all);
			const find = shell === 'bash' ? completeForBash : complete;
			for (const word of await find(all, words)) console.log(word);
		});
}
