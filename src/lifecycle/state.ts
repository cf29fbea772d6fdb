/** The states of a daemon, as users see them. */

/** `failed`: its start failed, or it ended without having been asked to. */
export type DaemonState = 'idle' | 'starting' | 'ready' | 'stopping' | 'stopped' | 'failed';
