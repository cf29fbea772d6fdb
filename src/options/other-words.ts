/** Hints for users of other tools: the names that options of these have here. */
const START = 'Here it is `startupCommand`.';
const READY = 'Here `ready` says what has to hold, and `lookFor` which line of the log.';
const LINE = 'Here a line of the log says that it is ready: `lookFor`.';
const BY_URL = 'Here `ready` takes a URL, or `responds` with what it has to answer.';
const IN_A_GROUP = 'It is for the members of a group: see `withDaemons`.';
const NEVER_REUSED =
	'A daemon is always started anew, and one that runs already is never taken for it; `daemonSetup` has `reuse`.';

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
	url: BY_URL,
	waitOn: READY,
	waitFor: READY,
	wait: READY,
	readyWhen: READY,
	readyPattern: LINE,
	readyText: LINE,
	stdout: LINE,
	stderr: LINE,
	reuseExistingServer: NEVER_REUSED,
	usedPortAction: NEVER_REUSED,
	sockets: 'Here it is `listen`.',
	socketActivation: 'Here it is `listen`.',
	dependsOn: IN_A_GROUP,
	task: IN_A_GROUP,
	exports: IN_A_GROUP,
	options: IN_A_GROUP,
	depends_on: 'In a group it is `dependsOn`.',
	dependencies: 'In a group it is `dependsOn`.',
	needs: 'In a group it is `dependsOn`.',
	requires: 'In a group it is `dependsOn`.',
	after: 'In a group it is `dependsOn`.',
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
