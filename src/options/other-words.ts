/** Hints for users of other tools: what the options of those are called here. */
const START = 'Here it is `startupCommand`.';
const READY = 'Here a line of the log says that it is ready: `lookFor`.';
const NEVER_REUSED = 'A daemon is always started anew, and one that runs already is never taken for it.';

export const OTHER_WORDS: Readonly<Record<string, string>> = {
	command: START,
	cmd: START,
	exec: START,
	script: START,
	run: START,
	start: START,
	args: 'Give command and arguments as one array: `startupCommand`.',
	arguments: 'Give command and arguments as one array: `startupCommand`.',
	shell: 'A `startupCommand` that is a string with shell syntax goes to a shell, an array never does.',
	url: READY,
	waitOn: READY,
	waitFor: READY,
	wait: READY,
	readyWhen: READY,
	readyPattern: READY,
	readyText: READY,
	stdout: READY,
	stderr: READY,
	reuseExistingServer: NEVER_REUSED,
	usedPortAction: NEVER_REUSED,
	environment: 'Here it is `env`.',
	workingDirectory: 'Here it is `cwd`.',
	launchTimeout: 'Here it is `startupTimeout`.',
	startTimeout: 'Here it is `startupTimeout`.',
	killTimeout: 'Here it is `shutdownTimeout`.',
	stopTimeout: 'Here it is `shutdownTimeout`.',
	forceKillAfterDelay: 'Here it is `shutdownTimeout`.',
	gracefulShutdown: 'Here it is `shutdownCommand`, with `shutdownTimeout`.',
	killSignal: 'Here it is `shutdownCommand`.',
	stopSignal: 'Here it is `shutdownCommand`.',
	stop: 'Here it is `shutdownCommand`.',
};
