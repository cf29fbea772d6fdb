/** Finds the config file: in the working directory, or in the nearest folder above that has one. */
import { lilconfig } from 'lilconfig';

/** Their order is the order in which they are looked for in each folder. */
export const CONFIG_FILES = ['ts', 'mts', 'js', 'mjs', 'json'].map(extension => `withdaemon.config.${extension}`);

const isThere = () => ({});

/** The absolute path; undefined if there is none. Nothing is loaded. */
export async function findConfig(from: string): Promise<string | undefined> {
	const loaders = Object.fromEntries(['.ts', '.mts', '.js', '.mjs', '.json'].map(extension => [extension, isThere]));
	const options = { searchPlaces: CONFIG_FILES, loaders, stopDir: '/', ignoreEmptySearchPlaces: false };
	const found = await lilconfig('withdaemon', options).search(from);
	return found?.filepath;
}
