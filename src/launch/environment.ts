/**
 * Packs the environment of a daemon, so that it passes through shells unseen. Shells act on variables that a user may
 * have set (`TMOUT` ends a read(1p), `ENV` and `BASH_ENV` are run, `LC_ALL` makes bash complain) and drop names that
 * they do not allow (`spring.datasource.url`). So each variable gets a meaningless name until the shell is replaced.
 */
import { MARKER_VARIABLE } from '../survivors/marker.ts';

/** Short, as the script contains it twice for each variable, and one argument may have 128 KiB (execve(2)). */
const CARRIER = 'WD_ENV_';

/** env(1) accepts any name. */
export const RESTORER = '/usr/bin/env -- ';

/** How many variables have other names: first those that the shell can restore itself, then those that need env(1). */
export interface PackedCounts {
	readonly exported: number;
	readonly byEnv: number;
}

export interface PackedEnvironment extends PackedCounts {
	/** The environment of the shell. */
	readonly env: NodeJS.ProcessEnv;
}

/** The marker keeps its name, so that the shells are found by it too. */
export function packEnvironment(env: NodeJS.ProcessEnv): PackedEnvironment {
	const isGiven = (name: string) => name !== '' && env[name] !== undefined;
	const names = Object.keys(env).filter(isGiven);
	const needsEnv = !names.every(isShellName);
	const byEnv = needsEnv ? names.filter(name => !isShellName(name) || isForLoader(name)) : [];
	const exported = needsEnv ? names.filter(name => !byEnv.includes(name)) : names;
	const packed: NodeJS.ProcessEnv = {};
	for (const [index, name] of [...exported, ...byEnv].entries()) packed[`${CARRIER}${index}`] = `${name}=${env[name]}`;
	const marker = env[MARKER_VARIABLE];
	if (marker !== undefined) packed[MARKER_VARIABLE] = marker;
	return { env: packed, exported: exported.length, byEnv: byEnv.length };
}

/**
 * The end of a script: the shell is replaced by its arguments, with the packed environment and nothing of its own (bash
 * sets PWD and SHLVL). Its complaints about the values, such as a locale that is not installed, are dropped.
 */
export function becomeScript({ exported, byEnv }: PackedCounts, redirections: string): string {
	const carriers = [...Array(exported + byEnv).keys()].map(index => `${CARRIER}${index}`);
	const values = carriers.map(name => `"$${name}"`);
	const steps = [
		'unset PATH PWD OLDPWD SHLVL _',
		...(exported > 0 ? [`export ${values.slice(0, exported).join(' ')}`] : []),
		...(byEnv > 0 ? [`set -- ${values.slice(exported).join(' ')} "$@"`] : []),
		...(carriers.length > 0 ? [`unset ${carriers.join(' ')}`] : []),
		// bash's exec decrements SHLVL, or sets it to 0 if there was none.
		'case $BASH_VERSION:$SHLVL in :* | *: | *:*[!0-9]*) ;; *) SHLVL=$((SHLVL + 1)) ;; esac',
	];
	return `{ ${steps.join('; ')}; } 2>/dev/null; exec ${byEnv > 0 ? RESTORER : ''}"$@" ${redirections}`;
}

/**
 * Some shells set, compute or protect these variables, so env(1) has to restore them. The names under which variables
 * travel are unset in the end: only env(1) can set one of them after that.
 */
const NOT_BY_SHELL =
	'BASH\\w*|DIRSTACK|EGID|EPOCH\\w+|EUID|FUNC\\w+|GID|GROUPS|HISTCMD|LINENO|OPTARG|OPTIND|PIPESTATUS|PPID|RANDOM|' +
	'SECONDS|SHELLOPTS|SRANDOM|UID';
const SHELL_NAME = new RegExp(`^(?!(?:${NOT_BY_SHELL}|${CARRIER}\\d+)$)[A-Za-z_]\\w*$`);
const isShellName = (name: string) => SHELL_NAME.test(name);

/** The loader of env(1) would act on these variables too, but they are meant for the daemon alone. */
const isForLoader = (name: string) => /^(?:LD|DYLD)_/.test(name);
