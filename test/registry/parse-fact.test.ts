import { expect, test } from 'vitest';
import { parseFact } from '../../src/registry/parse-fact.ts';

const released = {
	name: 'api',
	checkout: '/home/me/project',
	machine: { host: 'h', boot: 'b', namespace: '1' },
	definition: { startupCommand: '"x"' },
	options: { startupCommand: 'x' },
	ports: { port: 1234 },
	udp: ['port'],
	sockets: ['/api.sock'],
	captures: { word: 'x' },
	exports: { URL: 'x' },
	dependsOn: ['db'],
	startedAt: 1,
	readyAfter: 2.5,
	log: { path: '/log', offset: 0 },
	strict: true,
	diagnosticSignal: 'SIGQUIT',
};

test('what a release has noted is read, with and without what may be absent', () => {
	expect(parseFact(JSON.stringify({ released }))).toEqual([{ released }]);
	const { options: _, log: __, diagnosticSignal: ___, ...least } = released;
	expect(parseFact(JSON.stringify({ released: least }))).toEqual([{ released: least }]);
});

test.each([
	{ name: '' },
	{ name: 1 },
	{ checkout: 'relative' },
	{ machine: { host: 'h', boot: 'b' } },
	{ definition: { port: 1 } },
	{ options: 'x' },
	{ ports: { port: 0 } },
	{ ports: { port: '1' } },
	{ udp: 'port' },
	{ sockets: ['api.sock'] },
	{ captures: { word: 1 } },
	{ exports: ['x'] },
	{ dependsOn: [1] },
	{ startedAt: '1' },
	{ readyAfter: -1 },
	{ log: { path: 'log', offset: 0 } },
	{ log: { path: '/log', offset: -1 } },
	{ log: { path: '/log', offset: 0.5 } },
	{ strict: 1 },
	{ diagnosticSignal: 'SIGNONSENSE' },
])('a release with another kind of value is not believed: %j', wrong => {
	expect(parseFact(JSON.stringify({ released: { ...released, ...wrong } }))).toEqual([]);
});

test('a note that the reaper has asked is believed only with a process, a group and a moment', () => {
	const asked = { pid: 42, startTime: '7', pgid: 0, inSessionAt: 0 };
	expect(parseFact(JSON.stringify({ asked }))).toEqual([{ asked }]);
	for (const wrong of [{ pid: 1 }, { pid: 42.5 }, { startTime: 7 }, { pgid: -1 }, { pgid: '42' }, { inSessionAt: -1 }])
		expect([wrong, parseFact(JSON.stringify({ asked: { ...asked, ...wrong } }))]).toEqual([wrong, []]);
});
