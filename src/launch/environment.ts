/**
 * How the environment of a daemon passes through shells that must not see it. They act on much of what a user may have set
 * (`TMOUT` ends a read(1p), `ENV` and `BASH_ENV` are run, `LC_ALL` makes bash complain) and drop what is no name of theirs
 * (`spring.datasource.url`). So every variable travels under a name that means nothing to anybody, until the shell is replaced.
 */
import { MARKER_VARIABLE } from '../survivors/marker.ts';

/** Short, as the script has it twice for each variable, and an argument may have 128 KiB (execve(2)). */
const CARRIER = 'WD_ENV_';

/** It takes any name. */
export const RESTORER = '/usr/bin/env -- ';

/** How many variables travel under other names: those that the shell can give back itself, then those that env(1) has to. */
export interface PackedCounts {
	readonly exported: number;
	readonly byEnv: number;
}

export interface PackedEnvironment extends PackedCounts {
	/** What the shell gets. */
	readonly env: NodeJS.ProcessEnv;
}

/** The marker keeps its name, as it tells whose the shells are. */
export function packEnvironment(env: NodeJS.ProcessEnv): PackedEnvironment {
	const { [MARKER_VARIABLE]: marker, ...others } = env;
	const entries = Object.entries(others).filter(([name, value]) => name !== '' && value !== undefined);
	const needsEnv = entries.some(([name]) => !isShellName(name));
	const isExported = ([name]: [string, unknown]) => isShellName(name) && !(needsEnv && isForLoader(name));
	const [exported, byEnv] = [entries.filter(isExported), entries.filter(entry => !isExported(entry))];
	const carriers = [...exported, ...byEnv].map(([name, value], index) => [`${CARRIER}${index}`, `${name}=${value}`]);
	const own = marker === undefined ? {} : { [MARKER_VARIABLE]: marker };
	return { env: { ...Object.fromEntries(carriers), ...own }, exported: exported.length, byEnv: byEnv.length };
}

/**
 * The end of a script: the shell is replaced by its arguments, with the environment that was packed and nothing of its own
 * (PWD and SHLVL are bash's). What it has to say about the values, such as a locale that is not installed, is for nobody.
 */
export function becomeScript({ exported, byEnv }: PackedCounts, redirections: string): string {
	const carriers = [...Array(exported + byEnv).keys()].map(index => `${CARRIER}${index}`);
	const values = carriers.map(name => `"$${name}"`);
	const steps = [
		'unset PATH PWD OLDPWD SHLVL _',
		...(exported > 0 ? [`export ${values.slice(0, exported).join(' ')}`] : []),
		...(byEnv > 0 ? [`set -- ${values.slice(exported).join(' ')} "$@"`] : []),
		...(carriers.length > 0 ? [`unset ${carriers.join(' ')}`] : []),
		// The exec of bash takes one off; where there was none, bash makes it 0.
		'case $BASH_VERSION:$SHLVL in :* | *: | *:*[!0-9]*) ;; *) SHLVL=$((SHLVL + 1)) ;; esac',
	];
	return `{ ${steps.join('; ')}; } 2>/dev/null; exec ${byEnv > 0 ? RESTORER : ''}"$@" ${redirections}`;
}

/** What some shell would set, compute, or refuse to change: env(1) takes any name. */
const SHELL_VARIABLES =
	/^(?:BASH\w*|DIRSTACK|EGID|EPOCH\w+|EUID|FUNC\w+|GID|GROUPS|HISTCMD|LINENO|OPTARG|OPTIND|PIPESTATUS|PPID|RANDOM|SECONDS|SHELLOPTS|SRANDOM|UID)$/;

const isShellName = (name: string) => /^[A-Za-z_]\w*$/.test(name) && !SHELL_VARIABLES.test(name);

/** What the loader would complain of is for the daemon alone, and not for env(1) before it. */
const isForLoader = (name: string) => /^(?:LD|DYLD)_/.test(name);
