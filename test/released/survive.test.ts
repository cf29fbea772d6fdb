import { expect, test } from 'vitest';
import { toSurvive } from '../../src/released/survive.ts';

const PIPELINE = { JENKINS_SERVER_COOKIE: 'durable-0123', JENKINS_NODE_COOKIE: 'abc', BUILD_ID: '7' };
const FREESTYLE = { JENKINS_SERVER_COOKIE: '0123456789abcdef', BUILD_ID: '7' };
const GITHUB = { RUNNER_TRACKING_ID: 'github_1' };

test('a daemon survives the abort of a Pipeline step, and ends with its job', () => {
	expect(toSurvive(PIPELINE, false)).toEqual({ JENKINS_SERVER_COOKIE: 'dontKillMe' });
	expect([FREESTYLE, GITHUB, {}].map(env => toSurvive(env, false))).toEqual([{}, {}, {}]);
});

test('a daemon that is to outlive its job survives the end of that too', () => {
	const node = { JENKINS_NODE_COOKIE: 'dontKillMe', BUILD_ID: 'dontKillMe' };
	expect(toSurvive(PIPELINE, true)).toEqual({ JENKINS_SERVER_COOKIE: 'dontKillMe', ...node });
	expect(toSurvive(FREESTYLE, true)).toEqual({ BUILD_ID: 'dontKillMe' });
	expect(toSurvive(GITHUB, true)).toEqual({ RUNNER_TRACKING_ID: 'dontKillMe' });
	expect(toSurvive({}, true)).toEqual({});
});
