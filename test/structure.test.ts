import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');

/** The floors, from the ground up. A file may import from its own room, or from any floor below. */
const floors: readonly (readonly [name: string, rooms: readonly string[]])[] = [
	['text', ['builtins.ts', 'printable.ts']],
	['words of errors', ['error-text.ts']],
	['ground', ['errors.ts', 'logger.ts', 'nearest-name.ts', 'native/', 'os/', 'time/']],
	['facts about processes', ['call-site.ts', 'option-rules.ts', 'process/']],
	[
		'parts',
		[
			'bootstrap/',
			'kept-folder.ts',
			'lock.ts',
			'log/',
			'survivors/',
			'tcp-port.ts',
			'temporary-folder.ts',
			'udp-port.ts',
		],
	],
	['files and sockets', ['pid-file/', 'sockets/']],
	['launch', ['launch/', 'ports/', 'server/']],
	['acts', ['readiness/', 'teardown/']],
	['what is written down', ['javascript/', 'registry/']],
	['what users say and read', ['evidence/', 'options/']],
	['the story', ['lifecycle/', 'reaper/']],
	['a daemon', ['daemon.ts']],
	['a daemon in a test', ['start-daemon.ts']],
	['a group', ['group/']],
	['the main job', ['config/', 'released/', 'start-daemons.ts', 'with-daemon.ts', 'with-daemons.ts']],
	['a look at the machine', ['doctor/']],
	['front door', ['index.ts']],
	['hooks of any test runner', ['hooks/']],
	['guests', ['cli/', 'node-test/', 'vitest/']],
];

/**
 * Guests import the front door and the hooks only, except the clock that no test can fake, races, and the place of a
 * call. Those that bring up daemons which outlive them know the config file and released daemons. The CLI also finds and
 * guards a command, and knows the machine.
 */
const doors = new Map([
	[
		'cli/',
		[
			...['index.ts', 'time/clock.ts', 'time/deadline.ts', 'config/find.ts', 'config/load.ts'],
			...['config/read.ts', 'config/select.ts', 'config/single.ts'],
			...['launch/command.ts', 'printable.ts', 'reaper/guard-command.ts', 'released/', 'doctor/'],
		],
	],
	[
		'hooks/',
		[
			...['index.ts', 'error-text.ts', 'option-rules.ts', 'log/log.ts', 'os/errno.ts', 'process/identity.ts'],
			...['time/clock.ts', 'time/deadline.ts', 'time/poll.ts'],
		],
	],
	['node-test/', ['index.ts', 'call-site.ts', 'hooks/']],
	[
		'vitest/',
		[
			...['index.ts', 'call-site.ts', 'time/clock.ts', 'time/deadline.ts', 'hooks/'],
			...['config/find.ts', 'config/load.ts', 'group/member.ts', 'option-rules.ts', 'ports/named.ts', 'released/'],
		],
	],
]);

/** Names that fit any file, so that nobody finds anything there. */
const banned = /(?:^|\/)(?:utils?|helpers?|common|core|lib|misc|shared|types|constants|manager|service)(?:\.ts$|\/)/;

const files = listFiles(src);
const imports = new Map(files.map(file => [file, readImports(file)]));
const roomOf = (file: string) => (file.includes('/') ? `${file.split('/')[0]}/` : file);
const floorOf = (file: string) => floors.findIndex(([, rooms]) => rooms.includes(roomOf(file)));

test('every file is on a floor', () => {
	expect(files.filter(file => floorOf(file) === -1)).toEqual([]);
});

test('every import goes to the own room or to a floor below, and into a guarded room by its door', () => {
	const violations = [...imports].flatMap(([from, targets]) =>
		targets.filter(to => !isAllowed(from, to)).map(to => `${from} may not import ${to}`),
	);
	expect(violations, `The floors, from the front door down:\n${map()}\n`).toEqual([]);
});

test('every door of a guarded room is used', () => {
	const unused = [...doors].flatMap(([room, open]) => {
		const targets = files.filter(file => roomOf(file) === room).flatMap(file => imports.get(file) ?? []);
		return open.filter(door => !targets.some(to => to === door || roomOf(to) === door)).map(door => `${room}: ${door}`);
	});
	expect(unused).toEqual([]);
});

test('no file imports itself through its neighbours', () => {
	expect(files.filter(file => reaches(file, file))).toEqual([]);
});

test('no two rooms need each other', () => {
	const pairs = [...imports].flatMap(([from, targets]) => targets.map(to => `${roomOf(from)} ${roomOf(to)}`));
	const needs = new Set(pairs);
	const isMutual = (pair: string) => {
		const [one = '', other = ''] = pair.split(' ');
		return one < other && needs.has(`${other} ${one}`);
	};
	expect([...needs].filter(isMutual)).toEqual([]);
});

test('no file has a name that says nothing', () => {
	expect(files.filter(file => banned.test(file))).toEqual([]);
});

test('no file has more than 250 lines, half of them have 60 at most', () => {
	const lengths = files.map(file => read(file).split('\n').length - 1);
	expect(files.filter((_, index) => (lengths[index] ?? 0) > 250)).toEqual([]);
	expect(lengths.toSorted((a, b) => a - b)[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(60);
});

test('no line has more than 120 characters', () => {
	const long = files.flatMap(file => {
		const lines = read(file).split('\n');
		return lines.filter(line => line.length > 120).map(line => `${file}: ${line.trim()}`);
	});
	expect(long).toEqual([]);
});

test('the front door is a list of names that fits on a screen', () => {
	const lines = read('index.ts').trimEnd().split('\n');
	expect(
		lines.filter(line => !/^(?:export (?:type )?(?:\*|\{.*\}) from '.+';|\/\/.*|\/\*\*.*\*\/)$/.test(line)),
	).toEqual([]);
	expect(lines.length).toBeLessThanOrEqual(30);
});

test('every file starts with a sentence about its purpose', () => {
	expect(files.filter(file => !/^(?:#!.*\n)?\/\*\*\s+(?:\* )?[A-Z`]/.test(read(file)))).toEqual([]);
});

test('only the file of the errors makes errors without a class', () => {
	const others = files.filter(file => file !== 'errors.ts');
	expect(others.filter(file => /new Error\(/.test(read(file)))).toEqual(['os/errno.ts']);
});

test('only time/ looks at a clock or starts a timer, so that no fake of a test reaches them', () => {
	const replaceable =
		/\b(?:(?:set|clear)(?:Timeout|Interval|Immediate)|queueMicrotask|nextTick)\b|\bDate\.now|\bnew Date\(\)|\bperformance\b|\bprocess\.uptime|AbortSignal\.timeout/;
	// A test's fakes cannot reach code in the daemon's process.
	const callers = files.filter(file => !['bootstrap/', 'native/'].includes(roomOf(file)));
	const code = (file: string) => read(file).replace(/\/\*\*[\s\S]*?\*\/|\/\/.*/g, '');
	expect(callers.filter(file => replaceable.test(code(file)))).toEqual(['time/clock.ts']);
});

/** Small packages that the build makes part of its files. */
const bundled = ['commander', 'leven', 'lilconfig', 'std-env', 'tmp-promise', 'yoctocolors'];

test('every import of a package is of one that users get', () => {
	const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
		readFileSync(join(root, 'package.json'), 'utf8'),
	);
	const packages = files.flatMap(file =>
		[...read(file).matchAll(/(?:from |import\(|require\()'([^.'][^']*)'/g)].map(m => m[1]),
	);
	const foreign = packages.filter(name => !name?.startsWith('node:'));
	expect(new Set(foreign)).toEqual(
		new Set([...Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }), ...bundled]),
	);
});

test('the code in the daemon’s process is plain JavaScript that needs nothing but Node', () => {
	const there = files.filter(file => ['bootstrap/', 'native/'].includes(roomOf(file)));
	expect(there.filter(file => !/\.[cm]js$/.test(file))).toEqual([]);
	const outside = there.flatMap(file => imports.get(file) ?? []).filter(file => !there.includes(file));
	expect(outside).toEqual([]);
	const packages = there.flatMap(file => [...read(file).matchAll(/(?:from |import\()'([^.'][^']*)'/g)].map(m => m[1]));
	// Type imports of an optional package, which `require` loads on demand.
	expect(packages.filter(name => !name?.startsWith('node:') && name !== 'koffi' && name !== 'ffi-napi')).toEqual([]);
});

test('no file imports what takes one concurrent test for another', () => {
	const tests = listFiles(join(root, 'test'), 'test');
	// Vitest's own, outside of the context of a test.
	const wrong = /import \{[^}]*\bonTest(?:Finished|Failed)\b[^}]*\} from 'vitest'/;
	expect(tests.filter(file => wrong.test(readAny(file)))).toEqual([]);
});

test('every test file that is to start first is there', () => {
	const named = [...readAny('test/setup/longest-first.ts').matchAll(/^\t'(.*)',$/gm)].map(([, name = '']) => name);
	const tests = listFiles(join(root, 'test'));
	expect(named.filter(name => !tests.includes(name))).toEqual([]);
	expect(named).toContain('vitest/index.test.ts');
});

test('every fixture is used, and small enough to be seen at a glance', () => {
	const fixtures = readdirSync(join(root, 'fixtures')).filter(name => statSync(join(root, 'fixtures', name)).isFile());
	const uses = ['test', 'examples', 'bench'].flatMap(folder => listFiles(join(root, folder), folder)).map(readAny);
	const text = [...uses, readAny('README.md')].join('\n');
	expect(fixtures.filter(name => !text.includes(name))).toEqual([]);
	expect(fixtures.filter(name => readAny(`fixtures/${name}`).split('\n').length > 16)).toEqual([]);
});

function isAllowed(from: string, to: string): boolean {
	if (roomOf(from) === roomOf(to)) return true;
	const open = doors.get(roomOf(from));
	return open === undefined ? floorOf(to) < floorOf(from) : open.includes(to) || open.includes(roomOf(to));
}

function reaches(from: string, goal: string, seen = new Set<string>()): boolean {
	return (imports.get(from) ?? []).some(to => {
		if (to === goal) return true;
		if (seen.has(to)) return false;
		seen.add(to);
		return reaches(to, goal, seen);
	});
}

/** All imports: static, re-exported, for side effects, dynamic, `require`, `resolve`, in JSDoc, and by reference. */
function readImports(file: string): string[] {
	const before = /(?:\bfrom|\bimport|\bimport\(|\brequire\(|\bresolve\(|<reference path=)\s*(?:\/\*.*?\*\/\s*)?/;
	const specifiers = read(file).matchAll(new RegExp(`${before.source}(['"\`])(\\.[^'"\`]+)\\1`, 'g'));
	const targets = [...specifiers].map(([, , specifier = '']) => relative(src, join(src, dirname(file), specifier)));
	return [...new Set(targets)];
}

function map(): string {
	return floors
		.map(([name, rooms]) => `${name.padEnd(24)} ${rooms.join('  ')}`)
		.toReversed()
		.join('\n');
}

function read(file: string): string {
	return readFileSync(join(src, file), 'utf8');
}

function readAny(file: string): string {
	return readFileSync(join(root, file), 'utf8');
}

function listFiles(folder: string, prefix = ''): string[] {
	const entries = statSync(folder, { throwIfNoEntry: false })
		? readdirSync(folder, { recursive: true, withFileTypes: true })
		: [];
	return entries
		.filter(entry => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name))
		.map(entry => join(prefix, relative(folder, join(entry.parentPath, entry.name))));
}
