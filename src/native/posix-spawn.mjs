/**
 * Creates processes with posix_spawn(3). Node's own way is fork(2), which copies the tables of the caller's memory: 24
 * ms in a caller of 600 MB, in which the event loop stands still. This way takes the same time in every caller, below 1
 * ms.
 */
/** The values of glibc. posix_spawn(3) says what they mean. */
const [SETSIGDEF, SETSIGMASK, SETSID] = [0x04, 0x08, 0x80];
/** More than the bytes of a posix_spawnattr_t and of a posix_spawn_file_actions_t. */
const [ATTRIBUTES_SIZE, ACTIONS_SIZE] = [512, 256];
/** The bytes of a sigset_t. */
const SIGNALS_SIZE = 128;
const [O_RDONLY, O_RDWR] = [0, 2];
const F_DUPFD_CLOEXEC = 1030;
const [AF_UNIX, SOCK_STREAM, SOCK_CLOEXEC] = [1, 1, 0o2000000];
const WNOHANG = 1;
const ECHILD = 10;

/** What C writes its results to, and the file actions of a spawn. No call is under way when the next one begins. */
const numbers = /** @type {Int32Array & { 0: number, 1: number }} */ (new Int32Array(2));
const result = Buffer.from(numbers.buffer);
const actions = Buffer.alloc(ACTIONS_SIZE);

/**
 * @typedef {object} Request
 * @property {string} file
 * @property {readonly string[]} argv
 * @property {readonly string[]} env
 * @property {string} cwd
 * @property {readonly (number | 'null')[]} descriptors The caller's for each of the process, or /dev/null; above 2 that
 * means none. It gets no other descriptor.
 *
 * @typedef {import('./interface.mjs').Libc & { posixSpawn: import('./interface.mjs').PosixSpawn }} SpawningLibc
 */

/** Whether libc has all that is needed. @param {import('./interface.mjs').Libc} libc @returns {libc is SpawningLibc} */
export function canSpawn(libc) {
	return libc.posixSpawn !== undefined;
}

/**
 * The process leads a session of its own; no signal is ignored or blocked there.
 *
 * @param {SpawningLibc} libc
 * @param {Request} request
 * @returns {number} its pid, or an errno as a negative number. It has to be reaped with {@link reap}.
 */
export function posixSpawn(libc, { file, argv, env, cwd, descriptors }) {
	const spawn = libc.posixSpawn;
	const count = descriptors.length;
	/** @type {number[]} */
	const copies = [];
	// A descriptor of the caller whose number the process needs would be replaced before it is used.
	const safe = (/** @type {number} */ fd) => {
		if (fd >= count) return fd;
		const copy = libc.fcntl(fd, F_DUPFD_CLOEXEC, count);
		if (copy >= 0) copies.push(copy);
		return copy;
	};
	const add = (/** @type {number | 'null'} */ source, /** @type {number} */ target) => {
		if (source !== 'null') return spawn.addDup2(actions, safe(source), target);
		if (target > 2) return spawn.addClose(actions, target);
		return spawn.addOpen(actions, target, '/dev/null', target === 0 ? O_RDONLY : O_RDWR, 0);
	};
	spawn.actionsInit(actions);
	try {
		const results = [...descriptors.map(add), spawn.addCloseFrom(actions, count), spawn.addChdir(actions, cwd)];
		// EBADF: there was no copy, as the caller has no descriptor left. ENOMEM.
		const refused = results.find(result => result !== 0);
		const errno = refused ?? spawn.spawn(result, file, actions, attributesOf(spawn), argv, env);
		return errno === 0 ? numbers[0] : -errno;
	} finally {
		spawn.actionsDestroy(actions);
		for (const copy of copies) libc.close(copy);
	}
}

/** @type {WeakMap<import('./interface.mjs').PosixSpawn, Buffer>} */
const attributes = new WeakMap();

/**
 * All processes have the same attributes. None of these functions can fail here.
 *
 * @param {import('./interface.mjs').PosixSpawn} spawn
 */
function attributesOf(spawn) {
	const present = attributes.get(spawn);
	if (present !== undefined) return present;
	const made = Buffer.alloc(ATTRIBUTES_SIZE);
	spawn.attributesInit(made);
	spawn.setFlags(made, SETSIGDEF | SETSIGMASK | SETSID);
	spawn.setSignalDefaults(made, Buffer.alloc(SIGNALS_SIZE, 0xff));
	spawn.setSignalMask(made, Buffer.alloc(SIGNALS_SIZE));
	attributes.set(spawn, made);
	return made;
}

/**
 * Two connected sockets, close-on-exec.
 *
 * @param {import('./interface.mjs').Libc} libc
 * @returns {readonly [number, number] | undefined} undefined if there is no descriptor left.
 */
export function socketPair(libc) {
	if (libc.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, result) !== 0) return undefined;
	return [numbers[0], numbers[1]];
}

/**
 * The wait status of a child that has ended, which is then no longer there; undefined while it runs, `unknown` if it is
 * no child any more.
 *
 * @param {import('./interface.mjs').Libc} libc
 * @param {number} pid
 */
export function reap(libc, pid) {
	const reaped = libc.waitpid(pid, result, WNOHANG);
	if (reaped === pid) return numbers[0];
	return reaped < 0 && libc.errno() === ECHILD ? 'unknown' : undefined;
}
