/** The functions of libc that the library calls. Each way to call C is a file with a `bind` that provides them. */

/**
 * All are synchronous, and have the names of their man pages. A buffer is a pointer to its bytes.
 *
 * @typedef {object} Libc
 * @property {(fd: number, command: number, value: number) => number} fcntl
 * @property {(fd: number) => number} close Node warns in a worker thread if it closes what it has not opened.
 * @property {(file: string, argv: readonly string[], env: readonly string[]) => number} execve Returns only on failure.
 * @property {(family: number, type: number, protocol: number) => number} socket
 * @property {(fd: number, address: Uint8Array, length: number) => number} bind
 * @property {(family: number, type: number, protocol: number, pair: Uint8Array) => number} socketpair
 * @property {(pid: number, status: Uint8Array, options: number) => number} waitpid
 * @property {(pid: number) => number} getsid
 * @property {PosixSpawn | undefined} posixSpawn Undefined if libc lacks one of its functions, as musl and macOS do.
 * @property {() => number} errno The errno of the last call.
 */

/**
 * The functions whose names begin with `posix_spawn`, without that. Each returns an errno, or 0.
 *
 * @typedef {object} PosixSpawn
 * @property {(
 *   pid: Uint8Array, file: string, actions: Uint8Array, attributes: Uint8Array,
 *   argv: readonly string[], env: readonly string[]
 * ) => number} spawn
 * @property {(actions: Uint8Array) => number} actionsInit
 * @property {(actions: Uint8Array) => number} actionsDestroy
 * @property {(actions: Uint8Array, from: number, to: number) => number} addDup2
 * @property {(actions: Uint8Array, fd: number, path: string, flags: number, mode: number) => number} addOpen
 * @property {(actions: Uint8Array, fd: number) => number} addClose
 * @property {(actions: Uint8Array, from: number) => number} addCloseFrom
 * @property {(actions: Uint8Array, path: string) => number} addChdir
 * @property {(attributes: Uint8Array) => number} attributesInit
 * @property {(attributes: Uint8Array, flags: number) => number} setFlags
 * @property {(attributes: Uint8Array, signals: Uint8Array) => number} setSignalDefaults
 * @property {(attributes: Uint8Array, signals: Uint8Array) => number} setSignalMask
 */

/**
 * The functions above as C declares them: what they return, and what they take. `strings` is an array that ends with
 * NULL, `...` means that the arguments after it are variadic.
 *
 * @typedef {'int' | 'uint' | 'short' | 'string' | 'strings' | 'pointer' | '...'} Type
 * @type {Readonly<Record<Exclude<keyof Libc, 'posixSpawn' | 'errno'>, readonly Type[]>>}
 */
export const PARAMETERS = {
	fcntl: ['int', 'int', '...', 'int'],
	close: ['int'],
	execve: ['string', 'strings', 'strings'],
	socket: ['int', 'int', 'int'],
	bind: ['int', 'pointer', 'uint'],
	socketpair: ['int', 'int', 'int', 'pointer'],
	waitpid: ['int', 'pointer', 'int'],
	getsid: ['int'],
};

/** @type {Readonly<Record<keyof PosixSpawn, readonly [name: string, ...parameters: Type[]]>>} */
export const POSIX_SPAWN = {
	spawn: ['posix_spawn', 'pointer', 'string', 'pointer', 'pointer', 'strings', 'strings'],
	actionsInit: ['posix_spawn_file_actions_init', 'pointer'],
	actionsDestroy: ['posix_spawn_file_actions_destroy', 'pointer'],
	addDup2: ['posix_spawn_file_actions_adddup2', 'pointer', 'int', 'int'],
	addOpen: ['posix_spawn_file_actions_addopen', 'pointer', 'int', 'string', 'int', 'uint'],
	addClose: ['posix_spawn_file_actions_addclose', 'pointer', 'int'],
	addCloseFrom: ['posix_spawn_file_actions_addclosefrom_np', 'pointer', 'int'],
	addChdir: ['posix_spawn_file_actions_addchdir_np', 'pointer', 'string'],
	attributesInit: ['posix_spawnattr_init', 'pointer'],
	setFlags: ['posix_spawnattr_setflags', 'pointer', 'short'],
	setSignalDefaults: ['posix_spawnattr_setsigdefault', 'pointer', 'pointer'],
	setSignalMask: ['posix_spawnattr_setsigmask', 'pointer', 'pointer'],
};

/**
 * Makes a {@link Libc} of a function that finds one function of libc.
 *
 * @param {(name: string, parameters: readonly Type[]) => (...given: never[]) => number} find throws if there is none.
 * @param {() => number} errno
 * @returns {Libc}
 */
export function toLibc(find, errno) {
	const named = Object.entries(PARAMETERS).map(([name, parameters]) => [name, find(name, parameters)]);
	return { ...Object.fromEntries(named), posixSpawn: findPosixSpawn(find), errno };
}

/**
 * @param {(name: string, parameters: readonly Type[]) => (...given: never[]) => number} find
 * @returns {PosixSpawn | undefined}
 */
function findPosixSpawn(find) {
	// Other systems have other sizes and flags.
	if (process.platform !== 'linux') return undefined;
	try {
		const named = Object.entries(POSIX_SPAWN).map(([key, [name, ...parameters]]) => [key, find(name, parameters)]);
		return Object.fromEntries(named);
	} catch {
		// glibc has addchdir_np since 2.29 and addclosefrom_np since 2.34; musl has no addclosefrom_np.
		return undefined;
	}
}
