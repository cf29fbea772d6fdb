/** Finds the config file: in the working directory, or in the nearest folder above that has one. */
import { existsSync, lstatSync, statSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { lilconfig } from 'lilconfig';
import { messageOf } from '../error-text.ts';
import { InvalidOptionError } from '../errors.ts';
import { hasCode } from '../os/errno.ts';

/** Their order is the order in which they are looked for in each folder. */
export const CONFIG_FILES = ['ts', 'mts', 'js', 'mjs', 'json'].map(extension => `withdaemon.config.${extension}`);

const isThere = () => ({});

/**
 * The absolute path, or undefined if there is none. Loads nothing.
 *
 * @throws {@link InvalidOptionError} if somebody else may have put it above the folder, as anybody can into /tmp.
 */
export async function findConfig(from: string): Promise<string | undefined> {
	const loaders = Object.fromEntries(CONFIG_FILES.map(file => [extname(file), isThere]));
	const options = { searchPlaces: CONFIG_FILES, loaders, stopDir: '/', ignoreEmptySearchPlaces: false };
	const found = await lilconfig('withdaemon', options)
		.search(from)
		.catch(error => {
			// EISDIR, EACCES
			throw new InvalidOptionError('withdaemon', [`A config file cannot be read: ${whyUnreadable(error, from)}.`]);
		});
	const { filepath } = found ?? {};
	const why = filepath === undefined || dirname(filepath) === from ? undefined : explainForeign(filepath, from);
	if (why === undefined) return filepath;
	throw new InvalidOptionError('withdaemon', [
		`${filepath} ${why}, so it is not loaded here: if you trust it, name it with --config.`,
	]);
}

/** The error of read(2) has no path: the file is the nearest one that is there. */
function whyUnreadable(error: unknown, from: string): string {
	const file = CONFIG_FILES.map(name => join(from, name)).find(path => existsSync(path));
	if (file !== undefined) return hasCode(error, 'EISDIR') ? `${file} is a folder` : `${file} (${messageOf(error)})`;
	return dirname(from) === from ? messageOf(error) : whyUnreadable(error, dirname(from));
}

/** The owner of the folder is trusted, too: in a container, that may be a user of the host. */
function explainForeign(file: string, from: string): string | undefined {
	const trusted = [0, process.getuid?.(), statSync(from).uid];
	const [link, target] = [lstatSync(file), statSync(file)];
	const owner = [link.uid, target.uid].find(uid => !trusted.includes(uid));
	if (owner !== undefined) return `belongs to the user ${owner}`;
	return (target.mode & FOR_OTHERS) === 0 ? undefined : 'can be written by other users';
}

/** Not for the group: a umask of 002 is common, and a group that shares a checkout can change its code, too. */
const FOR_OTHERS = 0o002;
