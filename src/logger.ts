/** Where a daemon's doings are told: any object with these four methods, such as `console`, pino or winston. */

/** What the library writes to. Nothing is written where an error is thrown. */
export interface Logger {
	debug(message: string): void;
	info(message: string): void;
	warn(message: string): void;
	error(message: string): void;
}

const nothing = () => {};

/** The default: says nothing. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** For a process that is a server itself: stderr is what it is read by. */
export const errorLogger: Logger = {
	debug: nothing,
	info: nothing,
	warn: message => console.warn(message),
	error: message => console.error(message),
};
