/**
 * Each file of `src/` without a test of the same path, with the test that would fail without the file. A file that
 * holds only types names a test of the code that uses them.
 */
export const testedFromAbove: Readonly<Record<string, string>> = {
	'bootstrap/channel.cjs':
		'test/javascript/to-task.test.ts: is reported with whatever it throws, even if that is not an error',
	'bootstrap/is-server.mjs':
		'test/server/daemon.test.ts: gives the daemon its name, logger and PID file, unless others are given',
	'bootstrap/load-export.mjs':
		'test/javascript/to-task.test.ts: is refused with the names of the existing exports if it is missing or not a function',
	'bootstrap/main.cjs': 'test/bootstrap/exec.test.ts: run in this order in the process that becomes the command',
	'bootstrap/run-function.cjs':
		'test/javascript/to-task.test.ts: imports from Node, from a package, and from a file beside its own',
	'bootstrap/shebang.mjs': 'test/bootstrap/exec.test.ts: fails with ENOENT of its interpreter if that does not exist',
	'builtins.ts':
		'test/imports.test.ts: of withdaemon loads the library as one chunk, and nothing of Node that costs ms',
	'cli/ci/buildkite.ts': 'test/cli/ci.test.ts: makes groups in Buildkite, which no line of a log can begin',
	'cli/ci/ci-reporter.ts':
		'test/cli/ci.test.ts: folds its lines, masks secrets and makes one annotation of a failure in GitHub Actions',
	'cli/ci/dialect.ts': 'test/cli/ci.test.ts: makes groups in Buildkite, which no line of a log can begin',
	'cli/ci/github.ts':
		'test/cli/ci.test.ts: folds its lines, masks secrets and makes one annotation of a failure in GitHub Actions',
	'cli/ci/github-files.ts':
		'test/cli/ci.test.ts: leaves what services export, their ports and captures for later steps of GitHub, if they go on',
	'cli/ci/gitlab.ts': 'test/cli/ci.test.ts: makes sections in GitLab',
	'cli/ci/secrets.ts':
		'test/cli/ci.test.ts: folds its lines, masks secrets and makes one annotation of a failure in GitHub Actions',
	'cli/ci/step-summary.ts':
		'test/cli/ci.test.ts: adds a table to the summary of a GitHub step, whatever else is printed',
	'cli/choose-reporter.ts': 'test/cli/output.test.ts: prints nothing with --quiet, unless something goes wrong',
	'cli/cmd.ts': 'test/cli/run.test.ts: runs CMD while the services are ready, exits as it did, and leaves nothing',
	'cli/commands.ts':
		'test/cli/documents.test.ts: the document has a part for each command, and the program knows no other',
	'cli/complete.ts':
		'test/cli/completion.test.ts: bash completes commands, flags and the names of services, and nothing of CMD',
	'cli/describe-error.ts':
		'test/cli/run.test.ts: is 5 if a service failed to start, and 124 if it was not ready in time',
	'cli/examples.ts': 'test/cli/main.test.ts: the help of a command goes to stdout, with examples',
	'cli/exit-codes.ts':
		'test/cli/main.test.ts: an unknown command and an unknown flag are refused with the nearest one, and exit code 2',
	'cli/interrupts.ts':
		'test/cli/run.test.ts: a second signal ends CMD, what that has started and the services by force',
	'cli/json.ts':
		'test/cli/output.test.ts: tells in JSON why a service has failed, and that the start of another was given up',
	'cli/junit.ts': 'test/cli/ci.test.ts: writes a JUnit report with --junit',
	'cli/ledger.ts':
		'test/cli/output.test.ts: each service has a line, which is drawn anew, and stays as it was when CMD began',
	'cli/live.ts':
		'test/cli/output.test.ts: each service has a line, which is drawn anew, and stays as it was when CMD began',
	'cli/plain.ts': 'test/cli/run.test.ts: is 4 if a service needed force, unless CMD has failed, too',
	'config/read.ts':
		'test/cli/start.test.ts: status tells the truth about each service of the config file, and of what else was started',
	'group/unknown-member.ts': 'test/config/select.test.ts: a name that no member has is refused with the nearest one',
	'cli/quiet.ts': 'test/cli/output.test.ts: prints nothing with --quiet, unless something goes wrong',
	'cli/report-flags.ts': 'test/cli/output.test.ts: prints nothing with --quiet, unless something goes wrong',
	'cli/reporter.ts': 'test/cli/run.test.ts: is 4 if a service needed force, unless CMD has failed, too',
	'cli/run-cmd.ts': 'test/cli/run.test.ts: passes SIGINT, SIGTERM and SIGHUP to CMD, and exits as it did',
	'cli/style.ts': 'test/cli/output.test.ts: has colours in a pipe only with FORCE_COLOR',
	'cli/do/services.ts':
		'test/cli/run.test.ts: runs CMD while the services are ready, exits as it did, and leaves nothing',
	'errors.ts': 'test/readme.test.ts: has the codes of the code',
	'evidence/forbidden-port.ts':
		'test/faults/sockets.test.ts: a port or a folder for which the caller has no permission is named, with a remedy',
	'evidence/socket-failure.ts':
		'test/faults/sockets.test.ts: a unix socket that a killed caller has left is replaced, and nothing else is',
	'evidence/busy-port.ts': 'test/evidence/hints.test.ts: a port that a daemon needs and another process holds',
	'evidence/exit-hints.ts': 'test/evidence/hints.test.ts: a program whose loader does not exist',
	'evidence/lost-port.ts':
		'test/lifecycle/start.test.ts: a later failure tells of the first start, and who has the port',
	'evidence/startup-failure.ts': 'test/evidence/messages.test.ts: a daemon that is never ready',
	'evidence/steps.ts': 'test/steps.test.ts: each step of a daemon is a debug line, in order',
	'evidence/teardown-failure.ts': 'test/evidence/messages.test.ts: a child that stays',
	'index.ts': 'test/readme.test.ts: has every error class, and no other',
	'javascript/command.ts':
		'test/javascript/to-task.test.ts: is the default export, or one by its name, and gets its arguments',
	'javascript/describe.ts':
		'test/evidence/messages.test.ts: JavaScript: a module that does not exist, an export that does not exist',
	'javascript/fill-arguments.ts':
		'test/javascript/to-task.test.ts: is called with its arguments: structured data, in which placeholders are filled in',
	'javascript/function-location.ts':
		'test/javascript/to-task.test.ts: is reported with its error and its line in this file if it throws before it is ready',
	'javascript/function-source.ts':
		'test/javascript/validate.test.ts: the imports that a function uses from the file around it are named once each',
	'javascript/remap-stack.ts':
		'test/javascript/to-task.test.ts: is reported with its error and its line in this file if it throws before it is ready',
	'launch/daemon-process.ts':
		'test/faults/launch.test.ts: a death is noticed although the launcher was killed, but with an unknown exit status',
	'launch/deserialize-error.ts': 'test/evidence/messages.test.ts: JavaScript: an error that nobody catches',
	'launch/environment.ts':
		'test/faults/environment.test.ts: variables that shells act upon reach the daemon, and no shell before it',
	'launch/libc-to-spawn.ts':
		'test/launch/spawn-launcher.test.ts: libc creates reaper and launchers of a big caller, and of a small one the second launcher',
	'launch/placeholders.ts':
		'test/with-daemon.test.ts: fills {dir}, {pidFile} and {logFile} into the command, the environment and `cwd`',
	'launch/program.ts':
		'test/teardown/shutdown-program.test.ts: a program whose time is over may still clean up after itself, before it is ended by force',
	'lifecycle/files.ts': 'test/daemon.test.ts: every option can be assigned, and takes effect at the next use',
	'lifecycle/filling.ts':
		'test/ports/ports.test.ts: is filled in in the command, the environment, `cwd` and the arguments of JavaScript',
	'lifecycle/lifecycle.ts': 'test/daemon.test.ts: a death that nobody asked for aborts the signal and fails the daemon',
	'lifecycle/log-lock.ts':
		'test/faults/log.test.ts: a log of a living daemon is refused to another one, and the error names its owner',
	'lifecycle/plan-shutdown.ts':
		'test/faults/caller.test.ts: the reaper runs the shutdown command, with its environment and folder',
	'lifecycle/plan.ts': 'test/steps.test.ts: a function that runs as the daemon, or ends it, is named',
	'lifecycle/present.ts':
		'test/sockets/notifications.test.ts: is the daemon although the first process stays, and its death is noticed',
	'launch/spawn-watched.ts':
		'test/launch/spawn-launcher.test.ts: libc creates reaper and launchers of a big caller, and of a small one the second launcher',
	'launch/written-line.ts': 'test/readiness/notified.test.ts: is missing, and the reason says so, after `%s`',
	'lifecycle/run.ts':
		'test/faults/teardown.test.ts: a daemon that crashes while it is shut down makes the teardown throw once',
	'lifecycle/scope.ts':
		'test/faults/caller.test.ts: a daemon that was released outlives its caller, and so does its temporary folder',
	'lifecycle/shared-pid-file.ts':
		'test/faults/pid-file.test.ts: a PID file that another caller keeps locked for too long is named',
	'lifecycle/startup.ts': 'test/daemon.test.ts: gives up when the time is over, and leaves nothing',
	'log/open.ts': 'test/launch/launch.test.ts: the log is appended to',
	'log/plain.ts': 'test/log/line-matcher.test.ts: colours, links and carriage returns are no part of a line',
	'log/silence.ts': 'test/daemon.test.ts: gives up early when the log gets no new line',
	'logger.ts': 'test/daemon.test.ts: kill() sends the signal to the daemon and says so',
	'native/execve.mjs':
		'test/bootstrap/exec.test.ts: inherits nothing from Node: no blocked signal, and no descriptor but stdin, stdout and stderr',
	'native/ffi-napi.mjs':
		'test/options/ffi-problems.test.ts: a package that was chosen and is not installed is refused, and one that nobody chose may be missing',
	'native/interface.mjs': 'test/bootstrap/exec.test.ts: run in this order in the process that becomes the command',
	'native/koffi.mjs': 'test/bootstrap/exec.test.ts: run in this order in the process that becomes the command',
	'native/libc.mjs':
		'test/bootstrap/exec.test.ts: Node 20 cannot become the command, and an error says so before anything is started',
	'native/posix-spawn.mjs':
		'test/launch/spawn-natively.test.ts: leads its own session, and its zombie holds that until it is reaped',
	'option-rules.ts': 'test/options/validate.test.ts: names several faults in one error, each on its line',
	'options/name-for.ts': 'test/options/validate.test.ts: calls %j %s',
	'options/log-problems.ts': 'test/log/destination.test.ts: a log that cannot be read is refused if it has to be read',
	'options/options.ts': 'test/options/validate.test.ts: does not compile without a command',
	'options/time-limits.ts':
		'test/vitest/index.test.ts: every failure is reported where it belongs, and nothing is left, in %s',
	'os/errno.ts': 'test/evidence/messages.test.ts: a command that does not exist',
	'os/reserve-descriptor.ts': 'test/faults/launch.test.ts: a daemon is stopped by a caller that has no descriptor left',
	'pid-file/lock.ts': 'test/faults/pid-file.test.ts: a PID file that another caller keeps locked for too long is named',
	'pid-file/settings.ts':
		"test/pid-file/pid-file.test.ts: have the program's name and the working directory as their defaults",
	'process/kill-and-log.ts': 'test/pid-file/pid-file.test.ts: says that the process is gone (ESRCH)',
	'process/process-info.ts':
		'test/process/started-since.test.ts: only processes that started after a given one are found',
	'process/table.ts':
		'test/faults/launch.test.ts: a caller without /proc is refused before anything is started (with namespaces)',
	'readiness/last-reason.ts':
		'test/readiness/ready.test.ts: gives its reason by a string, by false, by an error, or by not settling',
	'readiness/log-changed.ts': 'test/daemon.test.ts: without `lookFor`, a daemon is ready when its log changes',
	'readiness/logged.ts': 'test/evidence/messages.test.ts: a daemon that is never ready',
	'readiness/answered.ts': 'test/readiness/ready.test.ts: is called until it returns true',
	'readiness/check.ts': 'test/evidence/messages.test.ts: a daemon that is never ready',
	'readiness/index.ts': 'test/readiness/ready.test.ts: all probes of a list have to hold, and `lookFor` too',
	'readiness/expected-answer.ts': 'test/readiness/responds.test.ts: the reason says what came instead',
	'readiness/file-type.ts':
		'test/readiness/socket-open.test.ts: the reason says whether it is missing, abandoned or no socket',
	'readiness/port-owner.ts':
		'test/readiness/listening.test.ts: a stranger that listens there is named and not taken for the daemon',
	'ports/wanted.ts':
		'test/ports/udp.test.ts: ports of both protocols can have the same number, and each is checked by its own',
	'udp-port.ts': 'test/ports/udp.test.ts: a number can be leased once for each protocol',
	'readiness/socket-owner.ts':
		'test/readiness/socket-open.test.ts: a stranger that listens there is named and not taken for the daemon',
	'readiness/probe.ts': 'test/readiness/ready.test.ts: one probe serves several daemons at once, as it has no state',
	'readiness/wait-until-ready.ts': 'test/daemon.test.ts: rejects at once when the daemon ends before it is ready',
	'pid-file/remove-stale.ts':
		'test/faults/caller.test.ts: a PID file outside the temporary folder is removed, and the other files there stay',
	'registry/recorded-run.ts':
		'test/faults/caller.test.ts: the reaper runs the shutdown command, with its environment and folder',
	'registry/ownership.ts':
		'test/faults/registry.test.ts: an entry that names its reader, an ancestor, or a folder that no daemon made, is ignored',
	'reaper/guard-command.ts':
		'test/cli/run.test.ts: a CLI that is killed takes CMD, what that has started and the services with it',
	'reaper/program.ts':
		'test/faults/caller.test.ts: a caller that is ended by SIGKILL, SIGTERM, SIGINT or SIGHUP takes its daemon with it',
	'reaper/register-caller.ts':
		'test/faults/caller.test.ts: a reaper that was killed is replaced, and the new one does its work',
	'reaper/sweep.ts':
		'test/faults/caller.test.ts: a daemon whose caller and reaper were both killed is swept by the next start, and no other is',
	'registry/fact.ts': 'test/registry/entry.test.ts: a noted fact can be read, and only by its user',
	'registry/held-folder.ts':
		'test/registry/folder.test.ts: a symlink in the place of a registry folder is not followed',
	'registry/host-id.ts':
		'test/registry/caller-folder.test.ts: callers on other hosts and in other containers are left alone',
	'os/socket-path.ts':
		'test/readiness/socket-open.test.ts: a path that the system would cut is refused before anything is started',
	'server/module.ts':
		'test/server/daemon.test.ts: is looked up in the module that created it, not in those of its classes',
	'server/options.ts': 'test/server/server.test.ts: need a name',
	'server/settings.ts': 'test/server/server.test.ts: are checked when they are assigned, too',
	'server/signal-handlers.ts': 'test/server/signals.test.ts: are dropped if the server stops before their turn',
	'sockets/descriptors.ts': 'test/sockets/sockets.test.ts: the daemon gets the sockets, and no other descriptor',
	'sockets/keeper.ts':
		'test/sockets/sockets.test.ts: clients that come before the daemon listens wait, and are served by it',
	'sockets/notify.ts':
		'test/faults/notified.test.ts: a datagram that is empty, or full of what nobody knows, is passed over, and the next one is heard',
	'sockets/tcp.ts': 'test/sockets/sockets.test.ts: a fixed port that is in use is refused, and the listener is named',
	'sockets/thread.cjs':
		'test/sockets/sockets.test.ts: each run gets its sockets in blocking mode, whatever the run before has done to them',
	'sockets/unix.ts': 'test/sockets/sockets.test.ts: a unix socket is for its user only, and is removed at the teardown',
	'options/listen-problems.ts': 'test/options/validate.test.ts: names several faults in one error, each on its line',
	'start-daemon.ts': 'test/with-daemon.test.ts: is torn down at the end of the block',
	'survivors/kill-all.ts':
		'test/launch/launch.test.ts: a daemon that started after the launch timed out is found and ended',
	'teardown/request-error.ts':
		'test/faults/teardown.test.ts: a shutdown command that fails is reported with its output, and the daemon is ended by force',
	'teardown/request.ts':
		'test/faults/teardown.test.ts: a shutdown function that hangs gets no more than its time, and the daemon is ended by force',
	'hooks/end-daemon.ts':
		'test/vitest/index.test.ts: every failure is reported where it belongs, and nothing is left, in %s',
	'hooks/expectations.ts': 'test/vitest/matchers.test.ts: is gone, and has exited with its status',
	'hooks/hooks.ts': 'test/vitest/index.test.ts: every failure is reported where it belongs, and nothing is left, in %s',
	'hooks/show-log.ts':
		'test/vitest/log.test.ts: a failing test shows what each of its daemons has logged during it, and only that',
	'log/slice.ts':
		'test/vitest/log.test.ts: a failing test shows what each of its daemons has logged during it, and only that',
	'hooks/remote-daemon.ts':
		'test/vitest/setup.test.ts: daemons of a run are started once for all projects, and each failing test is told of a death',
	'vitest/each-file.ts':
		'test/vitest/setup.test.ts: daemons of a run are started once for all projects, and each failing test is told of a death',
	'vitest/provided.ts':
		'test/vitest/setup.test.ts: daemons of a run are started once for all projects, and each failing test is told of a death',
	'vitest/hooked-test.ts':
		'test/vitest/log.test.ts: a failing test shows what each of its daemons has logged during it, and only that',
	'hooks/use-daemon.ts':
		'test/vitest/index.test.ts: every failure is reported where it belongs, and nothing is left, in %s',
	'group/check.ts':
		'test/with-daemons.test.ts: names every problem of every member in one error, before anything is started',
	'group/end.ts':
		'test/with-daemons.test.ts: starts each member after those that it depends on, and ends it before them',
	'group/member.ts':
		'test/with-daemons.test.ts: types the members and their captures, and refuses names and options that do not exist',
	'group/running-member.ts':
		'test/with-daemons.test.ts: types the members and their captures, and refuses names and options that do not exist',
	'group/running.ts': 'test/with-daemons.test.ts: is ended as a whole at the end of the block, and safe to end twice',
	'group/start.ts': 'test/with-daemons.test.ts: starts what does not depend on each other in parallel',
	'readiness/done.ts':
		'test/with-daemons.test.ts: a task is done before its dependents start, and its log and captures stay',
	'start-daemons.ts': 'test/with-daemons.test.ts: is ended as a whole at the end of the block, and safe to end twice',
	'cli/do/checkout.ts': 'test/cli/start.test.ts: two checkouts never meet, although they have the same names',
	'cli/ps.ts':
		'test/cli/start.test.ts: a group that was started is known to status, ps and stop, and nothing is left after that',
	'cli/restart.ts':
		'test/cli/start.test.ts: another definition is refused with what differs, and restart takes it over on the same port',
	'cli/show-reports.ts':
		'test/cli/start.test.ts: a group that was started is known to status, ps and stop, and nothing is left after that',
	'cli/status.ts':
		'test/cli/start.test.ts: a group that was started is known to status, ps and stop, and nothing is left after that',
	'cli/stop.ts':
		'test/cli/start.test.ts: a group that was started is known to status, ps and stop, and nothing is left after that',
	'lifecycle/state.ts': 'test/daemon.test.ts: does nothing if the daemon does not run',
	'lifecycle/released-facts.ts':
		'test/cli/start.test.ts: another definition is refused with what differs, and restart takes it over on the same port',
	'hooks/polled-process.ts':
		'test/vitest/reused-daemons.test.ts: daemons outlive a run, and the next runs find them, start what has died, and refuse another definition',
	'hooks/whereabouts.ts':
		'test/vitest/setup.test.ts: daemons of a run are started once for all projects, and each failing test is told of a death',
	'vitest/daemons-of-run.ts':
		'test/vitest/setup.test.ts: daemons of a run are started once for all projects, and each failing test is told of a death',
	'released/say.ts':
		'test/cli/start.test.ts: a daemon that died is reported with its log by status and stop, and started anew',
	'released/condition.ts':
		'test/cli/logs.test.ts: a service that runs but does not serve is running, not ready, and status says why',
	'released/end.ts':
		'test/cli/start.test.ts: stop that needs force, or finds a survivor, says so and exits with 4 unless the service is not strict',
	'released/find.ts':
		'test/cli/start.test.ts: a group that was started is known to status, ps and stop, and nothing is left after that',
	'released/ports.ts':
		'test/cli/start.test.ts: another definition is refused with what differs, and restart takes it over on the same port',
	'released/report.ts':
		'test/cli/start.test.ts: a group that was started is known to status, ps and stop, and nothing is left after that',
	'released/running-already.ts':
		'test/cli/start.test.ts: a group that was started is known to status, ps and stop, and nothing is left after that',
	'released/stop.ts':
		'test/cli/start.test.ts: a group that was started is known to status, ps and stop, and nothing is left after that',
	'released/tied.ts': 'test/cli/start.test.ts: options that tie a daemon to the process that starts it are refused',
	'cli/clean.ts':
		'test/cli/logs.test.ts: clean removes what has died and what belongs to no checkout any more, and nothing else',
	'cli/wait.ts':
		'test/cli/logs.test.ts: wait ends when all are ready or one has died, names each that is not, and refuses unknown names at once',
	'released/clean.ts':
		'test/cli/logs.test.ts: clean removes what has died and what belongs to no checkout any more, and nothing else',
	'released/wait.ts':
		'test/cli/logs.test.ts: wait ends when all are ready or one has died, names each that is not, and refuses unknown names at once',
	'released/follow-log.ts':
		'test/cli/logs.test.ts: logs prints what there is, or the last lines of it, and what comes after until Ctrl-C',
	'cli/interrupt.ts':
		'test/cli/logs.test.ts: logs prints what there is, or the last lines of it, and what comes after until Ctrl-C',
	'doctor/finding.ts':
		'test/cli/doctor.test.ts: a machine on which all is well gets exit code 0, and each finding is named',
	'doctor/machine.ts':
		'test/cli/doctor.test.ts: a machine on which all is well gets exit code 0, and each finding is named',
	'doctor/folders.ts': 'test/cli/doctor.test.ts: a registry that others can write to fails, and the remedy is named',
	'doctor/ports.ts':
		'test/cli/doctor.test.ts: a port of the config file that somebody has is a warning with the process that has it',
	'cli/remind.ts':
		'test/cli/group.test.ts: stop waits for a start that is under way, and then stops what it has brought up',
	'cli/do/ps.ts':
		'test/cli/start.test.ts: a group that was started is known to status, ps and stop, and nothing is left after that',
	'cli/do/restart.ts':
		'test/cli/start.test.ts: another definition is refused with what differs, and restart takes it over on the same port',
	'cli/do/status.ts':
		'test/cli/start.test.ts: a group that was started is known to status, ps and stop, and nothing is left after that',
	'cli/do/stop.ts':
		'test/cli/start.test.ts: a group that was started is known to status, ps and stop, and nothing is left after that',
	'cli/do/clean.ts':
		'test/cli/logs.test.ts: clean removes what has died and what belongs to no checkout any more, and nothing else',
	'cli/do/wait.ts':
		'test/cli/logs.test.ts: wait ends when all are ready or one has died, names each that is not, and refuses unknown names at once',
	'cli/do/run.ts': 'test/cli/run.test.ts: runs CMD while the services are ready, exits as it did, and leaves nothing',
	'cli/do/start.ts':
		'test/cli/start.test.ts: a group that was started is known to status, ps and stop, and nothing is left after that',
	'cli/do/logs.ts':
		'test/cli/logs.test.ts: logs prints what there is, or the last lines of it, and what comes after until Ctrl-C',
	'cli/do/doctor.ts':
		'test/cli/doctor.test.ts: a machine on which all is well gets exit code 0, and each finding is named',
	'cli/do/list-services.ts':
		'test/cli/completion.test.ts: bash completes commands, flags and the names of services, and nothing of CMD',
	'cli/do/index.ts': 'test/cli/run.test.ts: runs CMD while the services are ready, exits as it did, and leaves nothing',
	'cli/service-flags.ts': 'test/cli/run.test.ts: starts each service of --only, with what it depends on, and no other',
};
