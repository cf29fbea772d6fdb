/** Where the library logs what it does: any object with these four methods, such as `console`, pino or winston. */

/** A logger that the library writes to. Errors that are thrown are not logged. */
export interface Logger {
	debug(message: string): void;
	info(message: string): void;
	warn(message: string): void;
	error(message: string): void;
}

const nothing = () => {};

/** The default: logs nothing. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** The default of a server, whose output people read on stderr. */
export const errorLogger: Logger = {
	debug: nothing,
	info: nothing,
	warn: message => console.warn(message),
	error: message => console.error(message),
};
