/**
 * The variables by which CI systems find the processes that they kill.
 *
 * Jenkins kills what has the cookies of a build at its end, and what has JENKINS_SERVER_COOKIE of a Pipeline step when
 * that step, or a later one in the same workspace, is aborted. The runner of GitHub kills what has its
 * RUNNER_TRACKING_ID at the end of the job. None of these is the end of a step, so a released daemon only needs an
 * opt-out from the abort; and a daemon that nobody has stopped had better end with its job.
 */

/** @param outlivesJob whether it has to survive the end of the job too. */
export function toSurvive(env: NodeJS.ProcessEnv, outlivesJob: boolean): Readonly<Record<string, string>> {
	const isStep = env['JENKINS_SERVER_COOKIE']?.startsWith('durable-') === true;
	const ofJob = JOB.filter(name => outlivesJob && env[name] !== undefined);
	return Object.fromEntries([...(isStep ? ['JENKINS_SERVER_COOKIE'] : []), ...ofJob].map(name => [name, SPARED]));
}

/** Any value except that of the job will do. This one is what the documentation of Jenkins says. */
const SPARED = 'dontKillMe';

const JOB = ['JENKINS_NODE_COOKIE', 'BUILD_ID', 'RUNNER_TRACKING_ID'];
